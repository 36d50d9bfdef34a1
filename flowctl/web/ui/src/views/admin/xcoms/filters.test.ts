import { expect, test } from "vitest";
import { filtersOf, line, readable } from "./filters";

test("an empty filter is none, and a number is a name", () => {
  expect(filtersOf({ dag_id: 7, key: "", other: "x" })).toEqual({ dag_id: "7" });
});

test("a long value is folded, a cut one is read as it is", () => {
  expect(line("x".repeat(61)).isLong).toBe(true);
  expect(line('{"a":1}')).toEqual({ text: '{"a":1}', isLong: false });
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable('"two\\nlines"')).toBe("two\nlines");
  expect(readable('{"cut": "of')).toBe('{"cut": "of');
});
