import { expect, test } from "vitest";
import { condensed } from "./condense";

const SPAN = { start: 0, end: 1000 };

test("thousands of bars become at most so many, and each of them is counted", () => {
  const bars = Array.from({ length: 5000 }, (_, at) => ({
    start: at / 5,
    end: at / 5 + 0.1,
    state: at % 2000 === 7 ? "failed" : "success",
  }));
  const found = condensed(bars, SPAN, 100);
  expect(found.length).toBeLessThanOrEqual(100);
  expect(found.reduce((sum, one) => sum + one.count, 0)).toBe(5000);
});

test("the worst state of a column is seen, and a gap stays a gap", () => {
  const found = condensed(
    [
      { start: 0, end: 99, state: "success" },
      { start: 50, end: 60, state: "failed" },
      { start: 500, end: 599, state: "success" },
    ],
    SPAN,
    10,
  );
  expect(found).toEqual([
    { from: 0, to: 0.1, state: "failed", count: 2 },
    { from: 0.5, to: 0.6, state: "success", count: 1 },
  ]);
});

test("what lies outside of the span is left out", () => {
  expect(condensed([{ start: -50, end: -10, state: "failed" }], SPAN, 10)).toEqual([]);
});
