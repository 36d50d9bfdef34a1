import { describe, expect, test } from "vitest";
import { firstError, levelOf, matches, pieces } from "./lines";

test.each([
  ["2026-01-01 12:00:00,000 INFO ready", "info"],
  ["[x] {y.py:1} WARNING - slow", "warning"],
  ["RuntimeError: the disk is full", "error"],
  ["Traceback (most recent call last):", "error"],
  ["all is well", ""],
])("%s is of level %s", (line, level) => expect(levelOf(line)).toBe(level));

const said = (...texts: string[]) => texts.map((text) => ({ text }));

describe("the first error", () => {
  test("is the traceback, even when a line of level error stands before it", () => {
    expect(firstError(said("a", "ERROR x", "Traceback (most recent call last):"))).toBe(2);
  });
  test("is a line of level error without one", () =>
    expect(firstError(said("a", "ERROR x"))).toBe(1));
  test("is nowhere in a good log", () => expect(firstError(said("a", "b"))).toBe(-1));
});

test("a search does not mind the case", () => {
  expect(matches(said("One", "two", "ONE more"), "one")).toEqual([0, 2]);
  expect(matches(said("One"), "")).toEqual([]);
});

test("ANSI colours become pieces, other escapes go", () => {
  expect(pieces("a \x1b[1;31mred\x1b[0m\x1b[K b")).toEqual([
    { text: "a ", colour: undefined, isBold: false },
    { text: "red", colour: 1, isBold: true },
    { text: " b", colour: undefined, isBold: false },
  ]);
});
