import { expect, test } from "vitest";
import { expressionOf, typeOf } from "./facts";

test.each([
  [null, null],
  [{ __type: "CronExpression", value: "0 6 * * *" }, "0 6 * * *"],
  [{ __type: "TimeDelta", days: 1, seconds: 7200, microseconds: 0 }, "1d 2h"],
])("the schedule %j is written %j", (schedule, wanted) =>
  expect(expressionOf(schedule)).toBe(wanted),
);

test.each([
  [{}, ""],
  [{ type: "string", format: "date" }, "string, date"],
  [{ type: ["null", "integer"] }, "null | integer"],
  [{ enum: ["a", 1] }, '"a" | 1'],
])("the type of %j reads %j", (schema, wanted) => expect(typeOf(schema)).toBe(wanted));
