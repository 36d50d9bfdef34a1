import { expect, test } from "vitest";
import { addressOf } from "./address";

test("an address keeps what it knows, and numbers as names", () => {
  expect(addressOf({ search: 7, edit: 0, add: "true", other: 1 })).toEqual({
    search: "7",
    edit: "0",
    add: true,
  });
  expect(addressOf({ search: "", edit: undefined, add: false })).toEqual({});
});
