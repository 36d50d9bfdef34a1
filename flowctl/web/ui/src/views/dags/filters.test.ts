import { expect, test } from "vitest";
import { asked, filtersOf, hasFilters } from "./filters";

test("an address keeps what is known and drops the rest", () => {
  expect(filtersOf({ search: 7, state: "failed", tag: "", show: "everything", x: 1 })).toEqual({
    search: "7",
    state: "failed",
  });
});

test("each filter is one parameter of the API", () => {
  expect(asked({ tag: "etl", show: "paused" })).toEqual({ tags: ["etl"], paused: true });
  expect(asked({ show: "favourites" })).toEqual({ only_favourites: true });
  expect(hasFilters({})).toBe(false);
});
