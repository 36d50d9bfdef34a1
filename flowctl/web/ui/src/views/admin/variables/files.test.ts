import { expect, test } from "vitest";
import { isStructure, MASK, read, write } from "./files";

test("what was exported is imported as it was, secrets left out", () => {
  const kept = [
    { key: "a", value: "text", description: null },
    { key: "b", value: '{"x":1}', description: "with words" },
  ];
  const secret = { key: "api_token", value: MASK, description: null };

  expect(read(write([...kept, secret]))).toEqual(kept);
});

test("values that are no text become JSON, and an object is not taken for a description", () => {
  expect(read('{"n": 1, "o": {"value": 2}, "l": [1], "none": null}')).toEqual([
    { key: "n", value: "1", description: null },
    { key: "o", value: '{"value":2}', description: null },
    { key: "l", value: "[1]", description: null },
    { key: "none", value: "null", description: null },
  ]);
});

test.each(["[]", "7", "null", "{", ""])("%s is no file of variables", (text) => {
  expect(read(text)).toBeNull();
});

test("objects and lists are structures, other JSON is text", () => {
  expect(isStructure(' {"a": 1}')).toBe(true);
  expect(isStructure("[1]")).toBe(true);
  expect(isStructure("7")).toBe(false);
  expect(isStructure("{a}")).toBe(false);
});
