/** Scenes for tests: random ones of a seed, and shapes that DAGs really have. */

import type { Direction, Scene } from "./model";

/** Return a generator of numbers in [0, 1), the same for the same seed. */
export function chance(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function sceneOf(
  names: string[],
  edges: [string, string][],
  parents: Record<string, string> = {},
  direction: Direction = "LR",
): Scene {
  const groups = [...new Set(Object.values(parents))];
  return {
    direction,
    nodes: names.map((id) => ({ id, width: 140, height: 40, parent: parents[id] ?? null })),
    groups: groups.map((id) => ({ id, parent: parents[id] ?? null, minWidth: 100 })),
    edges: edges.map(([source, target]) => ({ source, target })),
  };
}

/** Layers of a width, each node with one or two parents in the layers before. */
export function layered(seed: number, layers: number, width: number): Scene {
  const random = chance(seed);
  const names: string[] = [];
  const edges: [string, string][] = [];
  const pick = (layer: number) => `n${layer}_${Math.floor(random() * width)}`;
  for (let layer = 0; layer < layers; layer++) {
    for (let at = 0; at < width; at++) {
      const name = `n${layer}_${at}`;
      names.push(name);
      if (layer === 0) continue;
      const parents = new Set([pick(layer - 1)]);
      if (random() < 0.4) parents.add(pick(Math.max(0, layer - 1 - Math.floor(random() * 3))));
      for (const parent of parents) edges.push([parent, name]);
    }
  }
  return sceneOf(names, edges);
}

/** A pipeline as people write them: sources, their steps, joins, marts, a last step. */
export function pipeline(sources: number): Scene {
  const names = ["start", "join", "publish", "notify"];
  const edges: [string, string][] = [
    ["join", "publish"],
    ["publish", "notify"],
    ["start", "notify"],
  ];
  for (let at = 0; at < sources; at++) {
    const steps = ["extract", "check", "load"].map((step) => `${step}_${at}`);
    names.push(...steps);
    edges.push(["start", steps[0]!], [steps[0]!, steps[1]!], [steps[1]!, steps[2]!]);
    edges.push([steps[2]!, "join"]);
    if (at % 3 === 0) edges.push([steps[0]!, steps[2]!]);
  }
  return sceneOf(names, edges);
}

/** Groups in groups, with edges between what is deep inside of them. */
export function grouped(seed: number, groups: number, direction: Direction): Scene {
  const random = chance(seed);
  const names: string[] = [];
  const edges: [string, string][] = [];
  const parents: Record<string, string> = {};
  for (let group = 0; group < groups; group++) {
    for (const part of ["a", "b"]) {
      parents[`g${group}.${part}`] = `g${group}`;
      for (let at = 0; at < 4; at++) {
        const name = `g${group}.${part}.t${at}`;
        names.push(name);
        parents[name] = `g${group}.${part}`;
        if (at > 0) edges.push([`g${group}.${part}.t${Math.floor(random() * at)}`, name]);
      }
    }
    edges.push([
      `g${group}.a.t${Math.floor(random() * 4)}`,
      `g${group}.b.t${Math.floor(random() * 4)}`,
    ]);
    names.push(`free${group}`);
    const before = Math.floor(random() * group);
    if (group === 0) continue;
    edges.push([`g${before}.a.t3`, `g${group}.a.t${Math.floor(random() * 4)}`]);
    edges.push([`free${before}`, `g${group}.b.t1`], [`g${before}.b.t2`, `free${group}`]);
  }
  return sceneOf(names, edges, parents, direction);
}
