import { expect, test } from "vitest";
import { firstSpan, objectOf, piecesOf, shareOf } from "./progress";

const NONE = { dates: 0, to_come: 0, left_out: 0, queued: 0, running: 0, success: 0, failed: 0 };

test("the bar has what has ended first, and leaves out what is not there", () => {
  const progress = { ...NONE, dates: 10, success: 4, failed: 1, running: 2, to_come: 3 };
  expect(piecesOf(progress)).toEqual([
    { name: "success", count: 4 },
    { name: "failed", count: 1 },
    { name: "running", count: 2 },
    { name: "to_come", count: 3 },
  ]);
  expect(shareOf(progress)).toBe(0.5);
});

test("the form begins with the week before this midnight in UTC", () => {
  expect(firstSpan(Date.parse("2026-03-08T15:04:05Z"))).toEqual({
    from: "2026-03-01T00:00",
    to: "2026-03-08T00:00",
  });
});

test.each([
  ["", null],
  [' {"a": 1}', { a: 1 }],
  ["[1]", undefined],
  ["{", undefined],
  ["null", undefined],
])("a conf of %j is %j", (json, wanted) => expect(objectOf(json)).toEqual(wanted));
