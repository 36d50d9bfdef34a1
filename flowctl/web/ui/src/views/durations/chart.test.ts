import { describe, expect, test } from "vitest";
import { barsOf, linesTo, medianOf, mostOf, type Times } from "./chart";

const run = (run_s: number | null): Times => ({
  run_id: "r",
  logical_date: "2026-01-01T00:00:00Z",
  state: "success",
  run_type: "manual",
  queued_s: 1,
  run_s,
  landing_s: 9,
});

test("the bars are those of the runs, or of one task in them", () => {
  const runs = [run(5), run(7)];
  const task = { task_id: "t", run_s: [null, 2], landing_s: [null, 3] };
  expect(barsOf(runs, undefined).map(({ waited, ran, landed }) => [waited, ran, landed])).toEqual([
    [1, 5, 9],
    [1, 7, 9],
  ]);
  expect(barsOf(runs, task).map(({ waited, ran, landed }) => [waited, ran, landed])).toEqual([
    [null, null, null],
    [null, 2, 3],
  ]);
});

test.each([
  [[], null],
  [[null], null],
  [[3, null, 1], 2],
  [[5, 1, 3], 3],
])("the median of %j is %j", (values, wanted) => expect(medianOf(values)).toBe(wanted));

describe("lines", () => {
  test.each([
    [0, [0, 0.001]],
    [0.9, [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1]],
    [70, [0, 15, 30, 45, 60, 75]],
    [7200, [0, 1800, 3600, 5400, 7200]],
  ])("up to %d are at %j", (most, lines) => expect(linesTo(most)).toEqual(lines));

  test("reach above anything", () => {
    for (const most of [1e-9, 3, 1e5, 4e9])
      expect(linesTo(most).at(-1)).toBeGreaterThanOrEqual(most);
  });
});

test("what lies below nothing is no height", () => expect(mostOf([-3, null])).toBe(0));
