import { expect, test } from "vitest";
import { heights } from "./runBars";

const run = (seconds: number | null) => ({
  start_date: seconds === null ? null : "2026-01-01T00:00:00Z",
  end_date: seconds === null ? null : new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString(),
});

test("the longest run fills the box and none vanishes", () => {
  const found = heights([run(400), run(100), run(0), run(null)], 0);
  expect(found[0]).toBe(1);
  expect(found[1]).toBeCloseTo(0.59);
  expect(found[2]).toBe(found[3]);
  expect(Math.min(...found)).toBeGreaterThan(0.1);
});

test("runs without any time are all small", () => {
  expect(heights([run(null), run(null)], 0)).toEqual([0.18, 0.18]);
});
