import { expect, test } from "vitest";
import { monthsOf, runsOf, sumsOf, weeksOf, worstOf } from "./year";

const NONE = { queued: 0, running: 0, success: 0, failed: 0, planned: 0 };

test.each([
  [2026, 365, 3], // begins on a Thursday
  [2028, 366, 5], // a leap year that begins on a Saturday
  [2029, 365, 0], // begins on a Monday
])("%i has %i days, and its first week lacks %i", (year, count, missing) => {
  const weeks = weeksOf(year);
  expect(weeks.flat().filter(Boolean)).toHaveLength(count);
  expect(weeks[0]?.filter((date) => date === null)).toHaveLength(missing);
  expect(weeks[0]?.[missing]).toBe(`${year}-01-01`);
  expect(weeks.every((week) => week.length === 7)).toBe(true);
});

test("the twelve months share the weeks among them", () => {
  const weeks = weeksOf(2026);
  const months = monthsOf(weeks);
  expect(months.map((one) => one.month)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(months.reduce((sum, one) => sum + one.span, 0)).toBe(weeks.length);
});

test("a day has the state of its worst run", () => {
  const day = { date: "2026-01-01", ...NONE, success: 3, failed: 1, planned: 2 };
  expect(worstOf(day)).toBe("failed");
  expect(runsOf(day)).toBe(4);
  expect(worstOf({ date: "2026-01-02", ...NONE, planned: 1 })).toBeUndefined();
  expect(sumsOf([day, day])).toEqual([
    { state: "failed", count: 2 },
    { state: "success", count: 6 },
    { state: "planned", count: 4 },
  ]);
});
