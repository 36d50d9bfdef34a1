import { expect, test } from "vitest";
import { countsOf, rowsOf } from "./diff";

const DIFF = [
  "--- version 1",
  "+++ version 2",
  "@@ -1,3 +1,4 @@",
  " import a",
  "-x = 1",
  "+x = 2",
  "+y = 3",
  " z",
  "@@ -20,2 +21,1 @@",
  " last",
  "--- not a head",
].join("\n");

test("each line has its number on the side it is on, and gaps are told", () => {
  expect(rowsOf(DIFF).map(({ kind, old, new: now, text }) => [kind, old, now, text])).toEqual([
    ["same", 1, 1, "import a"],
    ["removed", 2, null, "x = 1"],
    ["added", null, 2, "x = 2"],
    ["added", null, 3, "y = 3"],
    ["same", 3, 4, "z"],
    ["gap", null, null, ""],
    ["same", 20, 21, "last"],
    ["removed", 21, null, "-- not a head"],
  ]);
  expect(countsOf(rowsOf(DIFF))).toEqual({ added: 2, removed: 2 });
});

test("a part that only adds begins after the line it names", () => {
  expect(rowsOf("@@ -0,0 +1 @@\n+x")).toEqual([{ kind: "added", old: null, new: 1, text: "x" }]);
  expect(rowsOf("@@ -5,0 +6,1 @@\n+x")[1]).toEqual({ kind: "added", old: null, new: 6, text: "x" });
});

test("equal sources have no rows", () => expect(rowsOf("")).toEqual([]));
