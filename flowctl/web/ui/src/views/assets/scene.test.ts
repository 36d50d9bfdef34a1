import { expect, test } from "vitest";
import { layout } from "@/layout/layout";
import { type Asset, assetScene } from "./scene";

const at = { created_at: "2026-02-01T00:00:00Z", updated_at: "2026-02-01T00:00:00Z" };

function asset(uri: string, producers: string[], consumers: string[]): Asset {
  return {
    id: 1,
    uri,
    extra: {},
    ...at,
    producing_tasks: producers.map((dag_id) => ({ dag_id, task_id: "t", ...at })),
    consuming_dags: consumers.map((dag_id) => ({ dag_id, ...at })),
    aliases: [],
  };
}

test("DAGs and assets are linked from who updates to who waits", () => {
  const assets = [asset("s3://a", ["one", "one"], ["two"]), asset("s3://b", ["two"], [])];
  const { scene, looks } = assetScene(assets, { asset: "asset", dag: "DAG" });
  expect(scene.edges.map((edge) => `${edge.source} ${edge.target}`)).toEqual([
    "dag:one asset:s3://a",
    "asset:s3://a dag:two",
    "dag:two asset:s3://b",
  ]);
  expect(looks.get("dag:two")).toMatchObject({ kind: "dag", tooltip: "DAG two" });
});

test("DAGs that wait for each other are drawn, too", () => {
  const assets = [asset("a", ["one"], ["two"]), asset("b", ["two"], ["one"])];
  const { scene } = assetScene(assets, { asset: "", dag: "" });
  expect(layout(scene).edges.every((edge) => edge.points.length > 1)).toBe(true);
});
