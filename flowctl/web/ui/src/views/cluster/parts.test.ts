import { expect, test } from "vitest";
import { ago, byNeed, filled, inOrder, type Job, memoryOf, type PoolUse } from "./parts";

const pool = (given: Partial<PoolUse>): PoolUse => ({
  name: "p",
  slots: 10,
  running: 0,
  queued: 0,
  scheduled: 0,
  deferred: 0,
  includes_deferred: false,
  ...given,
});
const job = (given: Partial<Job>): Job => ({
  id: 1,
  kind: "scheduler",
  state: "alive",
  role: null,
  host: "h",
  pid: 1,
  started_at: "2026-01-01T00:00:00Z",
  seen_at: "2026-01-01T00:00:00Z",
  ended_at: null,
  tick_at: null,
  memory_bytes: null,
  ...given,
});

test("deferred tasks hold slots only of pools that count them", () => {
  expect(filled(pool({ running: 2, queued: 1, deferred: 4 })).held).toBe(3);
  expect(filled(pool({ running: 2, deferred: 4, includes_deferred: true })).held).toBe(6);
});

test("the fullest pool comes first, and one without a limit last", () => {
  const names = byNeed([
    pool({ name: "free", slots: null, running: 50 }),
    pool({ name: "half", running: 5 }),
    pool({ name: "over", running: 10, scheduled: 30 }),
  ]).map((one) => one.name);
  expect(names).toEqual(["over", "half", "free"]);
});

test("who fell silent comes first, then the leader before its standbys", () => {
  const ids = inOrder([
    job({ id: 1, role: "standby" }),
    job({ id: 2, kind: "triggerer" }),
    job({ id: 3, role: "leader" }),
    job({ id: 4, kind: "triggerer", state: "silent" }),
  ]).map((one) => one.id);
  expect(ids).toEqual([4, 3, 1, 2]);
});

test("memory of other machines is not known and not counted", () => {
  expect(memoryOf([job({ memory_bytes: 5 }), job({}), job({ memory_bytes: 7 })])).toBe(12);
});

test("a moment that did not come is no time ago", () => {
  expect(ago(null, 0)).toBeUndefined();
  expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:00:05Z"))).toBe(5);
});
