/** How assets link DAGs: a DAG updates an asset, an asset makes runs of a DAG due. */

import type { Schemas } from "@/api/client";
import type { Scene } from "@/layout/model";
import type { Look } from "@/parts/graph/drawing";
import { assetId, sizeOf } from "@/views/graph/scene";

export type Asset = Schemas["Dataset"];

export const dagNode = (id: string) => `dag:${id}`;

/** Return a drawing of all assets with the DAGs that update them or wait for them. */
export function assetScene(assets: Asset[], told: { asset: string; dag: string }) {
  const dags = new Set<string>();
  const edges = new Map<string, { source: string; target: string }>();
  const looks = new Map<string, Look>();
  const link = (source: string, target: string) =>
    edges.set(JSON.stringify([source, target]), { source, target });
  for (const asset of assets) {
    const id = assetId(asset.uri);
    looks.set(id, { label: asset.uri, kind: "asset", tooltip: `${told.asset} ${asset.uri}` });
    for (const { dag_id } of asset.producing_tasks) {
      dags.add(dag_id);
      link(dagNode(dag_id), id);
    }
    for (const { dag_id } of asset.consuming_dags) {
      dags.add(dag_id);
      link(id, dagNode(dag_id));
    }
  }
  for (const dag of dags)
    looks.set(dagNode(dag), { label: dag, kind: "dag", tooltip: `${told.dag} ${dag}` });
  const nodes = [...looks].map(([id, look]) => ({ id, ...sizeOf(look.label) }));
  const scene: Scene = { direction: "LR", nodes, groups: [], edges: [...edges.values()] };
  return { scene, looks };
}
