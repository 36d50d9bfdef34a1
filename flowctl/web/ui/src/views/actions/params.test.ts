import { describe, expect, test } from "vitest";
import { type Field, fieldsOf, type Param, shownAs, valueOf } from "./params";

const param = (value: unknown, schema: Param["schema"] = {}): Param => ({
  value,
  description: null,
  schema,
});
const field = (value: unknown, schema: Param["schema"] = {}) =>
  fieldsOf({ it: param(value, schema) })[0] as Field;

describe("the kind of a field", () => {
  test.each([
    ["x", { type: "string" }, "text"],
    ["x", { type: "string", format: "multiline" }, "lines"],
    ["2026-01-01", { type: "string", format: "date" }, "date"],
    [3, { type: "integer" }, "number"],
    [3, {}, "number"],
    [true, {}, "yes"],
    [["a"], { type: "array" }, "list"],
    [["a"], { type: "array", examples: ["a", "b"] }, "some"],
    [[1], { type: "array" }, "json"],
    [[], { type: "array", items: { type: "object" } }, "json"],
    [{}, { type: ["null", "object"] }, "json"],
    ["a", { enum: ["a", 1] }, "one"],
    [null, { type: ["null", "string"] }, "text"],
  ])("of %j with %j is %s", (value, schema, kind) => expect(field(value, schema).kind).toBe(kind));
});

describe("what is put in", () => {
  test.each([
    [3, { type: "integer", minimum: 1 }, "0", { wrong: ["least", 1] }],
    [3, { type: "integer" }, "1.5", { wrong: ["integer"] }],
    [3, { type: "integer" }, "7", { value: 7 }],
    ["x", { minLength: 2 }, "a", { wrong: ["longer", 2] }],
    ["x", { pattern: "^a" }, "b", { wrong: ["pattern", "^a"] }],
    [[1], { type: "array" }, "{}", { wrong: ["array"] }],
    [[1], { type: "array" }, "[1", { wrong: ["json"] }],
    [["a"], { type: "array" }, "a\n\nb", { value: ["a", "b"] }],
    [["a"], { type: "array", examples: ["a", "b"] }, '["b"]', { value: ["b"] }],
    [{}, { type: "object" }, '{"a": 1}', { value: { a: 1 } }],
    [null, { type: ["null", "string"] }, "", { value: null }],
    [null, { type: "string" }, "", { wrong: ["required"] }],
    ["x", { type: "string" }, "", { value: "" }],
    ["a", { enum: ["a", 1] }, "1", { value: 1 }],
    [
      "d",
      { type: "string", format: "date-time" },
      "2026-01-01T00:00",
      { value: "2026-01-01T00:00Z" },
    ],
  ])("for %j with %j: %s", (value, schema, text, answer) => {
    expect(valueOf(field(value, schema), text)).toEqual(answer);
  });
});

test("fields without a section come first, the others as they were written", () => {
  const fields = fieldsOf({
    b: param(1, { section: "S" }),
    a: param(1),
    c: param(1, { section: "S" }),
  });
  expect(fields.map((one) => one.name)).toEqual(["a", "b", "c"]);
});

test("a constant is nothing to fill in", () => {
  expect(fieldsOf({ it: param("x", { const: "x" }) })).toEqual([]);
});

test("what is chosen from is shown in the words of the Param", () => {
  const schema = { enum: ["s", "m", 1], values_display: { s: "Small", "1": "One" } };

  expect(schema.enum.map((value) => shownAs(schema, value))).toEqual(["Small", "m", "One"]);
});

test("a list of texts stands one a line", () => {
  expect(field(["a", "b"], { type: "array" }).text).toBe("a\nb");
});
