import { expect, test } from "vitest";
import { open, parts, type Pool } from "./slots";

const POOL: Pool = {
  name: "p",
  slots: 8,
  occupied_slots: 3,
  running_slots: 2,
  queued_slots: 1,
  scheduled_slots: 4,
  open_slots: 5,
  deferred_slots: 3,
  description: null,
  include_deferred: false,
};

test("deferred tasks are in the bar where they keep their slots", () => {
  expect(parts(POOL).map(({ state, slots }) => `${state} ${slots}`)).toEqual([
    "running 2",
    "queued 1",
    "open 5",
  ]);
  expect(parts({ ...POOL, include_deferred: true, open_slots: 2 })).toHaveLength(4);
});

test("a pool without a limit has no free part, one made smaller none below nothing", () => {
  expect(open({ ...POOL, slots: -1, open_slots: 2 ** 31 - 1 })).toBeNull();
  expect(open({ ...POOL, slots: 1, open_slots: -2 })).toBe(0);
});
