import { expect, test } from "vitest";
import { about, type Dependencies, found, sceneOf } from "./scene";

const TOLD = {
  kinds: {
    schedules: "schedules",
    updates: "updates",
    reads: "reads",
    triggers: "triggers",
    waits_for: "is waited for",
    clears: "clears",
  },
  nodes: { dag: "DAG", asset: "asset", name: "asset", alias: "alias" },
  missing: "not there",
};
const dag = (label: string, is_missing = false) => ({
  id: `dag:${label}`,
  kind: "dag" as const,
  label,
  is_missing,
});
const ALL: Dependencies = {
  nodes: [dag("a"), dag("b"), dag("c"), dag("gone", true)],
  edges: [
    { source: "dag:a", target: "dag:b", kind: "triggers", task_id: "one" },
    { source: "dag:a", target: "dag:b", kind: "triggers", task_id: "two" },
    { source: "dag:c", target: "dag:gone", kind: "waits_for", task_id: "three" },
  ],
};

test("links of one kind are drawn once, with their name", () => {
  const { scene, looks } = sceneOf(ALL, TOLD);
  expect(scene.edges.map((edge) => edge.label?.text)).toEqual(["triggers", "is waited for"]);
  expect(looks.get("dag:gone")?.note).toBe("not there");
});

test("a search shows what matches and all that hangs together with it", () => {
  expect(found(ALL, "B").nodes.map((node) => node.label)).toEqual(["a", "b"]);
  expect(found(ALL, " ").nodes).toHaveLength(4);
});

test("each link of a node is told with the task that makes it", () => {
  expect(about(ALL, "dag:b").map((one) => [one.from, one.kind, one.to, one.task])).toEqual([
    ["a", "triggers", "b", "one"],
    ["a", "triggers", "b", "two"],
  ]);
});
