import { describe, expect, test } from "vitest";
import { cellOf } from "./cells";
import { corner, moved, type Rectangle, rectangle, targetsOf } from "./cursor";
import { filterOf, queryOf } from "./filter";
import { KEPT, merged } from "./runs";
import { seen, shown, topOf } from "./scale";
import { type Row, rowsOf, treeOf } from "./tree";

const NODES = [
  { id: "out", label: "out", is_group: true },
  { id: "out.in", label: "out.in", parent: "out", is_group: true },
  { id: "first", label: "first" },
  { id: "out.a", label: "out.a", parent: "out" },
  { id: "out.in.b", label: "out.in.b", parent: "out.in" },
  { id: "many", label: "Many", is_mapped: true },
];
const STATES = ["none", "success", "failed"];
const rows = (...folded: string[]) => rowsOf(treeOf(NODES), new Set(folded));

describe("rows", () => {
  test("a group stands where its first task does, and holds what is in it", () => {
    expect(rows().map((row) => [row.id, row.depth])).toEqual([
      ["first", 0],
      ["out", 0],
      ["out.a", 1],
      ["out.in", 1],
      ["out.in.b", 2],
      ["many", 0],
    ]);
  });

  test("a folded group hides what it holds, and stands for all of it", () => {
    const found = rows("out");
    expect(found.map((row) => row.id)).toEqual(["first", "out", "many"]);
    expect(found[1]?.tasks).toEqual(["out.a", "out.in.b"]);
    expect(found[1]?.places).toEqual([1, 2]);
  });

  test("a label does not repeat the group that stands above it", () => {
    expect(rows().map((row) => row.label)).toEqual(["first", "out", "a", "in", "b", "Many"]);
  });
});

describe("cells", () => {
  const run = { tasks: [1, 1, 2, -1], mapped: { many: { success: 998, failed: 2 } } };
  const cell = (id: string) => cellOf(run, rows().find((row) => row.id === id) as Row, STATES);

  test("a task has its state", () => expect(cell("first")).toEqual({ state: "success" }));
  test("a group has the worst of its states, and counts them", () => {
    expect(cell("out")).toEqual({
      state: "failed",
      counts: [
        ["failed", 1],
        ["success", 1],
      ],
    });
  });
  test("a mapped task counts its instances", () => {
    expect(cell("many").counts).toEqual([
      ["failed", 2],
      ["success", 998],
    ]);
  });
  test("a task that a run did not have is empty", () => {
    const early = { tasks: [-1, -1, -1, -1] };
    expect(cellOf(early, rows()[0] as Row, STATES).state).toBeUndefined();
  });
});

describe("what is seen", () => {
  test.each([
    [0, 100, 20, 50, { first: 0, end: 6 }],
    [95, 100, 20, 50, { first: 4, end: 11 }],
    [990, 100, 20, 50, { first: 49, end: 50 }],
    [0, 100, 20, 2, { first: 0, end: 2 }],
  ])("from %d, %d long, %d each, %d of them", (offset, length, size, count, span) => {
    expect(seen(offset, length, size, count)).toEqual(span);
  });

  test("is nothing before the window has a size, however long the list", () => {
    expect(seen(0, -96, 24, 5000)).toEqual({ first: 0, end: 0 });
  });
  test("a thing that is seen does not scroll; another scrolls just enough", () => {
    expect(shown(3, 20, 40, 100)).toBe(40);
    expect(shown(1, 20, 40, 100)).toBe(20);
    expect(shown(9, 20, 40, 100)).toBe(100);
  });

  test.each([
    [[0.2], 0.5],
    [[3, 7], 10],
    [[61], 120],
    [[200000], 259200],
    [[], 0.5],
  ])("the scale of %j ends at %d s", (seconds, top) => expect(topOf(seconds)).toBe(top));
});

describe("runs that are read again", () => {
  const run = (run_id: string, pk: number, extra = {}) => ({
    run_id,
    pk,
    logical_date: `2026-01-${String(pk).padStart(3, "0")}`,
    ...extra,
  });
  const pages = [
    { version: 1, has_more: true, runs: [run("r5", 5), run("r4", 4)] },
    { version: 1, has_more: false, runs: [run("r2", 2)] },
  ];
  const none: typeof pages = [{ version: 1, has_more: false, runs: [] }];
  const ids = (found: typeof pages) => found.map((page) => page.runs.map((one) => one.run_id));

  test("take their old place, and the other page stays the same object", () => {
    const found = merged(pages, ["r4"], [run("r4", 4, { state: "failed" })]);
    expect(ids(found)).toEqual([["r5", "r4"], ["r2"]]);
    expect(found[0]?.runs[1]).toHaveProperty("state", "failed");
    expect(found[1]).toBe(pages[1]);
  });

  test("come in by their date when they are new", () => {
    expect(ids(merged(pages, ["r6"], [run("r6", 6)]))).toEqual([["r6", "r5", "r4"], ["r2"]]);
    expect(ids(merged(pages, ["r3"], [run("r3", 3)]))).toEqual([
      ["r5", "r4"],
      ["r3", "r2"],
    ]);
    expect(ids(merged(pages, ["r1"], [run("r1", 1)]))).toEqual([["r5", "r4"], ["r2"]]);
    expect(ids(merged(none, ["r1"], [run("r1", 1)]))).toEqual([["r1"]]);
  });

  test("that are old go from the only page, and can be read again", () => {
    const full = Array.from({ length: KEPT }, (_, at) => run(`r${KEPT - at}`, KEPT - at));
    const one = { version: 1, has_more: false, runs: full };
    const next = merged([one], ["new"], [run("new", KEPT + 1)]);
    expect(next[0]?.runs.length).toBe(KEPT);
    expect(next[0]?.runs[0]?.run_id).toBe("new");
    expect(next[0]?.has_more).toBe(true);
    expect(merged([one, ...pages], ["new"], [run("new", KEPT + 1)])[0]?.runs.length).toBe(KEPT + 1);
  });

  test("go when they are gone", () => {
    expect(ids(merged(pages, ["r5"], []))).toEqual([["r4"], ["r2"]]);
  });
});

describe("the cursor", () => {
  const runs = [{ run_id: "r1" }, { run_id: "r2" }, { run_id: "r3" }];

  test("stays on the board", () => {
    expect(moved("ArrowLeft", { row: 0, column: 0 }, 6, 3)).toEqual({ row: 0, column: 0 });
    expect(moved("ArrowUp", { row: 0, column: 1 }, 6, 3)).toEqual({ row: -1, column: 1 });
    expect(moved("End", { row: 2, column: 0 }, 6, 3)).toEqual({ row: 2, column: 2 });
    expect(moved("x", { row: 0, column: 0 }, 6, 3)).toBeUndefined();
  });

  test("is where the address says", () => {
    expect(corner(rows(), runs, "r2", "out.a")).toEqual({ row: 2, column: 1 });
    expect(corner(rows(), runs, "r2", undefined)).toEqual({ row: -1, column: 1 });
    expect(corner(rows(), runs, "gone", "out.a")).toBeUndefined();
  });

  test("a rectangle over a group means the tasks in it, each once", () => {
    const chosen = rectangle({ row: 1, column: 2 }, { row: 2, column: 1 }) as Rectangle;
    expect(targetsOf(chosen, rows(), runs, {})).toEqual([
      { run: "r2", tasks: ["out.a", "out.in.b"] },
      { run: "r3", tasks: ["out.a", "out.in.b"] },
    ]);
  });

  test("the head of a run means the run as a whole", () => {
    const chosen = rectangle({ row: -1, column: 0 }, undefined) as Rectangle;
    expect(targetsOf(chosen, rows(), runs, {})).toEqual([{ run: "r1", tasks: [] }]);
  });
});

test("a filter is read from the address and asked of the server in whole days", () => {
  expect(queryOf(filterOf({ state: "failed", to: "2026-02-01", other: 1 }))).toEqual({
    state: ["failed"],
    logical_date_lte: "2026-02-01T23:59:59.999Z",
  });
});
