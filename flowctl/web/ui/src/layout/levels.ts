/** The levels of a scene: what each group holds, and which edge is drawn at which level. */

import type { Scene } from "./model";
import { turned } from "./ranks";

/** The level around all groups. */
export const ROOT = "";

/** The side of an item at which an edge to a place inside it passes: its begin or its end. */
export type Side = "begin" | "end";

export interface LevelEdge {
  edge: number;
  source: string;
  target: string;
  /** It closes a cycle of this level, and is drawn against the direction. */
  isTurned: boolean;
}

export interface Level {
  items: string[];
  edges: LevelEdge[];
  /** Edges that pass the border: to which end, through which of the items, at which side. */
  passing: { leaf: string; item: string; side: Side }[];
}

export interface Levels {
  byId: Map<string, Level>;
  /** From the root to the node or group itself. */
  chains: Map<string, string[]>;
}

function chainsOf(scene: Scene): Map<string, string[]> {
  const parents = new Map([...scene.groups, ...scene.nodes].map((one) => [one.id, one.parent]));
  const chains = new Map<string, string[]>();
  for (const id of parents.keys()) {
    const chain = [id];
    for (let up = parents.get(id); up && parents.has(up); up = parents.get(up)) chain.unshift(up);
    chains.set(id, chain);
  }
  return chains;
}

/** Where two chains part: the place of the first step that differs, -1 when one holds the other. */
function parting(a: string[], b: string[]): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at < a.length && at < b.length ? at : -1;
}

export function levelsOf(scene: Scene): Levels {
  const chains = chainsOf(scene);
  const byId = new Map<string, Level>([[ROOT, { items: [], edges: [], passing: [] }]]);
  for (const group of scene.groups) byId.set(group.id, { items: [], edges: [], passing: [] });
  for (const one of [...scene.groups, ...scene.nodes])
    byId.get(chains.get(one.id)!.at(-2) ?? ROOT)!.items.push(one.id);
  scene.edges.forEach(({ source, target }, edge) => {
    const from = chains.get(source);
    const to = chains.get(target);
    const at = from && to ? parting(from, to) : -1;
    if (at < 0) return;
    const level = byId.get(from![at - 1] ?? ROOT)!;
    level.edges.push({ edge, source: from![at]!, target: to![at]!, isTurned: false });
  });
  for (const level of byId.values()) turn(level);
  pass(scene, byId, chains);
  return { byId, chains };
}

function turn(level: Level): void {
  const at = new Map(level.items.map((id, place) => [id, place]));
  const arrows = level.edges.map((one) => ({ from: at.get(one.source)!, to: at.get(one.target)! }));
  turned(level.items.length, arrows).forEach((is, place) => (level.edges[place]!.isTurned = is));
}

function pass(scene: Scene, byId: Map<string, Level>, chains: Map<string, string[]>): void {
  const known = new Set<string>();
  const through = (leaf: string, item: string, side: Side) => {
    const chain = chains.get(leaf)!;
    for (let at = chain.indexOf(item); at + 1 < chain.length; at++) {
      const key = JSON.stringify([leaf, chain[at], side]);
      if (known.has(key)) continue;
      known.add(key);
      byId.get(chain[at]!)!.passing.push({ leaf, item: chain[at + 1]!, side });
    }
  };
  for (const level of byId.values()) {
    for (const { edge, source, target, isTurned } of level.edges) {
      through(scene.edges[edge]!.source, source, isTurned ? "begin" : "end");
      through(scene.edges[edge]!.target, target, isTurned ? "end" : "begin");
    }
  }
}
