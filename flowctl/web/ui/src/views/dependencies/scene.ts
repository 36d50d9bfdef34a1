/** How DAGs follow each other, as a drawing: by assets, by triggering, by waiting. */

import type { Schemas } from "@/api/client";
import type { EdgeIn, Scene } from "@/layout/model";
import { type Look, textWidth } from "@/parts/graph/drawing";
import { sizeOf } from "@/views/graph/scene";

export type Dependencies = Schemas["Dependencies"];
export type Node = Schemas["DependencyNode"];
type Edge = Schemas["DependencyEdge"];

export interface Told {
  kinds: Record<Edge["kind"], string>;
  nodes: Record<Node["kind"], string>;
  missing: string;
}

const LABEL_HEIGHT = 16;
const SMALL = 0.85; // labels are smaller than the text that `textWidth` measures
// What an asset does stands in the asset's own mark; other links are named.
const NAMED = new Set<Edge["kind"]>(["triggers", "waits_for", "clears"]);

/** Return what is shown: of a search, the nodes that match with all that they hang together with. */
export function found(all: Dependencies, search: string): Dependencies {
  const wanted = search.trim().toLowerCase();
  if (!wanted) return all;
  const near = new Map<string, string[]>();
  const link = (from: string, to: string) => near.set(from, [...(near.get(from) ?? []), to]);
  for (const { source, target } of all.edges) {
    link(source, target);
    link(target, source);
  }
  const hits = all.nodes.filter((node) => node.label.toLowerCase().includes(wanted));
  const shown = new Set(hits.map((node) => node.id));
  for (const id of shown) for (const other of near.get(id) ?? []) shown.add(other);
  return {
    nodes: all.nodes.filter((node) => shown.has(node.id)),
    edges: all.edges.filter((edge) => shown.has(edge.source)),
  };
}

/** Return a drawing; several links of one kind between two nodes are one. */
export function sceneOf({ nodes, edges }: Dependencies, told: Told) {
  const looks = new Map<string, Look>(nodes.map((node) => [node.id, lookOf(node, told)]));
  const links = new Map<string, EdgeIn>();
  for (const { source, target, kind } of edges) {
    const text = NAMED.has(kind) ? told.kinds[kind] : "";
    const width = Math.ceil(textWidth(text) * SMALL) + 8;
    const label = text ? { label: { text, width, height: LABEL_HEIGHT } } : {};
    links.set(JSON.stringify([source, target, text]), { source, target, ...label });
  }
  const scene: Scene = {
    direction: "LR",
    nodes: nodes.map((node) => ({ id: node.id, ...sizeOf(node.label, noteOf(node, told)) })),
    groups: [],
    edges: [...links.values()],
  };
  return { scene, looks };
}

const noteOf = ({ kind, is_missing }: Node, told: Told) =>
  is_missing ? told.missing : told.nodes[kind];

function lookOf(node: Node, told: Told): Look {
  const note = noteOf(node, told);
  return {
    label: node.label,
    note,
    kind: node.kind === "dag" ? "dag" : "asset",
    tooltip: `${node.label}\n${note}`,
  };
}

export interface Sentence {
  from: string;
  kind: Edge["kind"];
  to: string;
  task: string | null;
}

/** Return what links one node with others, in the order in which they follow each other. */
export function about({ nodes, edges }: Dependencies, id: string): Sentence[] {
  const names = new Map(nodes.map((node) => [node.id, node.label]));
  return edges
    .filter((edge) => edge.source === id || edge.target === id)
    .map(({ source, target, kind, task_id }) => ({
      from: names.get(source) ?? source,
      kind,
      to: names.get(target) ?? target,
      task: task_id,
    }));
}
