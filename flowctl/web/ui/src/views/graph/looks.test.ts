import { expect, test } from "vitest";
import { looksOf, type RunStates, worst } from "./looks";
import type { Graph } from "./scene";

const TOLD = {
  states: { success: "done", failed: "broken" },
  group: (count: number) => `${count} tasks`,
  instances: (count: number) => `${count} times`,
  asset: "asset",
  now: Date.parse("2026-02-01T00:01:00Z"),
};

const flags = { is_group: false, is_mapped: false, is_setup: false, is_teardown: false };
const words = {
  operator: "Python",
  trigger_rule: "all_success",
  tooltip: "",
  color: "",
  text_color: "",
};
const node = { ...flags, ...words, parent: null };

const GRAPH: Graph = {
  dag_id: "one",
  version: 1,
  orientation: "LR",
  nodes: [
    { ...node, id: "g", label: "g", is_group: true },
    { ...node, id: "a", label: "a", parent: "g", is_setup: true },
    { ...node, id: "m", label: "m", parent: "g", is_mapped: true, trigger_rule: "all_done" },
  ],
  edges: [],
};

const times = { start_date: "2026-02-01T00:00:00Z", end_date: null };
const RUN: RunStates = {
  run_id: "r",
  state: "failed",
  version: 1,
  tasks: {
    a: { states: { success: 1 }, ...times },
    m: { states: { success: 2, failed: 1 }, ...times },
  },
};

test("what failed stands for what did not", () => {
  expect(worst({ success: 5, failed: 1, running: 2 })).toBe("failed");
  expect(worst({})).toBeNull();
});

test("a mapped task says how many are in which state", () => {
  const look = looksOf(GRAPH, RUN, new Set(), [], TOLD).get("m");
  expect(look).toMatchObject({
    note: "3 times",
    state: "failed",
    counts: { failed: 1, success: 2 },
  });
  expect(look?.tooltip.split("\n")).toEqual([
    "m",
    "broken",
    "Python",
    "all_done",
    "1m",
    "done: 2",
    "broken: 1",
  ]);
});

test("a folded group counts its tasks, each once", () => {
  const folded = looksOf(GRAPH, RUN, new Set(["g"]), [], TOLD).get("g");
  expect(folded).toMatchObject({
    state: "failed",
    counts: { failed: 1, success: 1 },
    fold: "folded",
  });
  expect(looksOf(GRAPH, RUN, new Set(), [], TOLD).get("g")).toMatchObject({ fold: "open" });
});

test("without a run nothing has a state", () => {
  const looks = looksOf(GRAPH, undefined, new Set(), [{ uri: "s3://x" }], TOLD);
  expect([...looks.values()].map((look) => look.state)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(looks.get("asset:s3://x")).toMatchObject({ kind: "asset" });
  expect(looks.get("a")).toMatchObject({ mark: "setup", note: "Python" });
});
