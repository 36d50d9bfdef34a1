import { expect, test } from "vitest";
import { mayHeal, Refused, Unreachable } from "./healing";

test("who does not answer is asked again and again", () => {
  expect(mayHeal(1_000, new Unreachable())).toBe(true);
  expect(mayHeal(1_000, new Refused(503, "the metastore is away"))).toBe(true);
});

test("a defect is tried some times, a refusal never", () => {
  expect([0, 2, 3].map((count) => mayHeal(count, new Refused(500, "a defect")))).toEqual([
    true,
    true,
    false,
  ]);
  expect([0, 3].map((count) => mayHeal(count, new TypeError("a defect")))).toEqual([true, false]);
  expect(mayHeal(0, new Refused(403, "not yours"))).toBe(false);
});
