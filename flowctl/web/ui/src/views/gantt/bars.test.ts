import { expect, test } from "vitest";
import { chartOf, type Gantt, type Graph, waitedFor } from "./bars";
import { movedInto, part, ticks, zoomedSpan } from "./scale";

const second = (at: number) => new Date(at * 1000).toISOString();
const bar = (
  task_id: string,
  queued: number,
  start: number,
  end: number | null,
  map_index = -1,
  n = 1,
) => ({
  task_id,
  map_index,
  try_number: n,
  state: "success" as const,
  queued_at: second(queued),
  start_date: second(start),
  end_date: end === null ? null : second(end),
});

const blank = { operator: "", trigger_rule: "", tooltip: "", color: "", text_color: "" };
const flags = { is_group: false, is_mapped: false, is_setup: false, is_teardown: false };
const node = (id: string, parent: string | null = null, is_group = false) => ({
  ...blank,
  ...flags,
  id,
  label: id,
  parent,
  is_group,
});

const GRAPH: Graph = {
  dag_id: "d",
  version: 1,
  orientation: "LR",
  nodes: [
    node("g", null, true),
    node("late"),
    node("first"),
    node("slow", "g"),
    node("quick", "g"),
  ],
  edges: ["slow", "quick"].flatMap((one) => [
    { source: "first", target: one, label: "" },
    { source: one, target: "late", label: "" },
  ]),
};

const GANTT: Gantt = {
  dag_id: "d",
  run_id: "r",
  start_date: second(0),
  end_date: second(100),
  expected_s: null,
  bars: [
    bar("first", 0, 1, 10),
    bar("slow", 10, 12, 80),
    bar("quick", 10, 11, 30, 0),
    bar("quick", 10, 11, 20, 1),
    bar("late", 80, 85, 90),
    bar("late", 92, 93, 100, -1, 2),
  ],
};

const chart = (folded: string[] = [], gantt = GANTT, now = 0) =>
  chartOf(GRAPH, gantt, new Set(folded), now);

test("rows come in the order of their begin, inside their groups", () => {
  expect(chart().rows.map((row) => [row.id, row.depth])).toEqual([
    ["first", 0],
    ["g", 0],
    ["slow", 1],
    ["quick", 1],
    ["late", 0],
  ]);
  expect(chart(["g"]).rows.map((row) => row.id)).toEqual(["first", "g", "late"]);
});

test("the critical path is what the end waited for", () => {
  expect(chart().critical).toEqual(["first", "slow", "late"]);
});

test("slack is how much longer a task could have taken", () => {
  const slack = new Map(chart().rows.map((row) => [row.id, row.slack / 1000]));
  expect(slack.get("late")).toBe(0);
  expect(slack.get("slow")).toBe(0);
  expect(slack.get("quick")).toBe(50);
});

test("each try and each instance is a bar; instances are counted", () => {
  const rows = new Map(chart().rows.map((row) => [row.id, row]));
  expect(rows.get("late")?.bars.map((one) => one.try)).toEqual([1, 2]);
  expect(rows.get("quick")?.instances).toBe(2);
});

test("what has not ended lasts until now", () => {
  const running = { ...GANTT, end_date: null, bars: [bar("first", 0, 1, null)] };
  const found = chart([], running, 40_000);
  expect(found.end).toBe(40_000);
  expect(found.rows[0]?.bars[0]?.end).toBe(40_000);
});

test("a task waited for the one of its upstream tasks that ended last", () => {
  expect(waitedFor(GRAPH, chart(), "late").map((one) => one.id)).toEqual(["slow", "quick"]);
  expect(waitedFor(GRAPH, chart(), "first")).toEqual([]);
});

test("a scale of time has even lines, zooms around a moment and stays inside", () => {
  const day = { start: 0, end: 86_400_000 };
  expect(ticks(day, 8)).toHaveLength(9);
  expect(ticks({ start: 0, end: 1000 }, 10)[1]).toBe(100);
  expect(part(43_200_000, day)).toBe(0.5);
  const half = zoomedSpan(day, 43_200_000, 0.5, day);
  expect(half).toEqual({ start: 21_600_000, end: 64_800_000 });
  expect(zoomedSpan(half, 0, 100, day)).toEqual(day);
  expect(movedInto({ start: -10, end: 10 }, { start: 0, end: 100 })).toEqual({ start: 0, end: 20 });
});
