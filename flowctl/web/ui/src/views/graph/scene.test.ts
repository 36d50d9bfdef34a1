import { expect, test } from "vitest";
import {
  directionOf,
  type Graph,
  type GraphNode,
  members,
  nameOf,
  operatorOf,
  sceneOf,
  sizeOf,
} from "./scene";

function node(id: string, parent: string | null = null, is_group = false): GraphNode {
  const flags = { is_mapped: false, is_setup: false, is_teardown: false };
  const words = { operator: "", trigger_rule: "", tooltip: "", color: "", text_color: "" };
  return { id, label: id, parent, is_group, ...flags, ...words };
}

const edge = (source: string, target: string, label = "") => ({ source, target, label });

const GRAPH: Graph = {
  dag_id: "one",
  version: 1,
  orientation: "LR",
  nodes: [
    node("g", null, true),
    node("g.h", "g", true),
    node("a"),
    node("g.x", "g"),
    node("g.h.y", "g.h"),
    node("z"),
  ],
  edges: [edge("a", "g.x"), edge("g.x", "g.h.y"), edge("g.h.y", "z", "done")],
};

const drawn = (folded: string[], graph = GRAPH) =>
  sceneOf(graph, new Set(folded), "LR", []).edges.map((one) => `${one.source}>${one.target}`);

test("an open group is a box, a folded one is a node that stands for its tasks", () => {
  expect(drawn([])).toEqual(["a>g.x", "g.x>g.h.y", "g.h.y>z"]);
  expect(drawn(["g.h"])).toEqual(["a>g.x", "g.x>g.h", "g.h>z"]);
  expect(drawn(["g", "g.h"])).toEqual(["a>g", "g>z"]);
  const scene = sceneOf(GRAPH, new Set(["g"]), "TB", []);
  expect(scene.nodes.map((one) => one.id)).toEqual(["g", "a", "z"]);
  expect(scene.groups).toEqual([]);
  expect(scene.edges[1]?.label).toMatchObject({ text: "done" });
});

test("edges from all last tasks of a group become one from its border", () => {
  const graph = {
    ...GRAPH,
    nodes: [node("g", null, true), node("p", "g"), node("q", "g"), node("r", "g"), node("z")],
    edges: [edge("p", "r"), edge("q", "z"), edge("r", "z")],
  };
  expect(drawn([], graph)).toEqual(["p>r", "g>z"]);
  expect(drawn([], { ...graph, edges: [edge("p", "r"), edge("r", "z")] })).toEqual(["p>r", "r>z"]);
});

test("all last tasks to all first tasks of another group become one edge", () => {
  const both = ["g", "h"].flatMap((id) => [
    node(id, null, true),
    node(`${id}1`, id),
    node(`${id}2`, id),
  ]);
  const edges = ["g1", "g2"].flatMap((from) => [edge(from, "h1"), edge(from, "h2")]);
  expect(drawn([], { ...GRAPH, nodes: both, edges })).toEqual(["g>h"]);
});

test("assets hang at the tasks that update them, and before the first tasks", () => {
  const scene = sceneOf(GRAPH, new Set(), "LR", [
    { uri: "s3://in" },
    { uri: "s3://out", task: "z" },
  ]);
  const ends = scene.edges.slice(-2).map((one) => `${one.source}>${one.target}`);
  expect(ends).toEqual(["asset:s3://in>a", "z>asset:s3://out"]);
});

test("a task in a group is called without the group's name", () => {
  expect(["g.x", "z"].map((id) => nameOf(node(id, "g")))).toEqual(["x", "z"]);
});

test.each([
  ["BashOperator", "BashOperator"],
  ["_PythonDecoratedOperator", "@task"],
  ["_BranchDecoratedOperator", "@task.branch"],
])("%s is called %s", (operator, name) => {
  expect(operatorOf({ ...node("a"), operator })).toBe(name);
});

test("a group's tasks are those of the groups in it, too", () => {
  expect(members(GRAPH.nodes).get("g")).toEqual(["g.x", "g.h.y"]);
});

test("an unknown orientation is left to right, a long name makes no endless node", () => {
  expect(directionOf("sideways")).toBe("LR");
  expect(sizeOf("x".repeat(300)).width).toBe(248);
});
