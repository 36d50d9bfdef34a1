import { expect, test } from "vitest";
import { next } from "./roving";

const PLACES = ["0 0", "0 3", "2 1", "2 6", "5 0"];

test.each([
  ["ArrowRight", "0 0", "2 1"],
  ["ArrowRight", "0 3", "2 1"],
  ["ArrowRight", "2 6", "5 0"],
  ["ArrowLeft", "2 6", "0 3"],
  ["ArrowDown", "0 0", "0 3"],
  ["ArrowUp", "2 6", "2 1"],
  ["ArrowDown", "5 0", undefined],
  ["a", "0 0", undefined],
])("%s from %s leads to %s", (key, from, to) => {
  const place = next(key, from, PLACES);
  expect(place === undefined ? undefined : PLACES[place]).toBe(to);
});
