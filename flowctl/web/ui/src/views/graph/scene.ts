/** What of a DAG is drawn: its tasks, with some groups folded to one node, and assets at its ends. */

import type { Schemas } from "@/api/client";
import type { BoxIn, Direction, EdgeIn, GroupIn, Scene } from "@/layout/model";
import { textWidth } from "@/parts/graph/drawing";

export type Graph = Schemas["Graph"];
export type GraphNode = Schemas["Node"];

export interface End {
  /** The asset's address. */
  uri: string;
  /** The task that updates it; without one, the DAG's runs wait for it. */
  task?: string;
}

const HEIGHT = 44;
const NOTE = 0.8; // letters of the second line are smaller
const WIDTH = { least: 112, most: 248, around: 58 };
const DIRECTIONS: Direction[] = ["LR", "TB", "RL", "BT"];

export const assetId = (uri: string) => `asset:${uri}`;

/** What a task is called in its group: its id without the group's. */
export function nameOf({ label, parent }: GraphNode): string {
  return parent && label.startsWith(`${parent}.`) ? label.slice(parent.length + 1) : label;
}

/** What a task's operator is called: "_PythonDecoratedOperator" is what @task made. */
export function operatorOf({ operator = "" }: GraphNode): string {
  const kind = /^_(\w+)DecoratedOperator$/.exec(operator)?.[1];
  if (!kind) return operator;
  return kind === "Python" ? "@task" : `@task.${kind.toLowerCase()}`;
}

export function directionOf(text: string): Direction {
  return DIRECTIONS.find((one) => one === text) ?? "LR";
}

export function sizeOf(label: string, note = ""): { width: number; height: number } {
  const text = Math.max(textWidth(label), textWidth(note) * NOTE);
  const width = Math.min(WIDTH.most, Math.max(WIDTH.least, text + WIDTH.around));
  return { width: Math.round(width / 8) * 8, height: HEIGHT };
}

/** For each id, the outermost folded group it is in; itself where there is none. */
export function standIns(nodes: GraphNode[], folded: ReadonlySet<string>): Map<string, string> {
  const parents = new Map(nodes.map((node) => [node.id, node.parent]));
  const found = new Map<string, string>();
  for (const { id } of nodes) {
    let shown = id;
    for (let up = parents.get(id); up; up = parents.get(up)) if (folded.has(up)) shown = up;
    found.set(id, shown);
  }
  return found;
}

/** The tasks in each group, however deep. */
export function members(nodes: GraphNode[]): Map<string, string[]> {
  const parents = new Map(nodes.map((node) => [node.id, node.parent]));
  const found = new Map<string, string[]>();
  for (const node of nodes) {
    if (node.is_group) continue;
    for (let up = node.parent; up; up = parents.get(up) ?? null)
      found.set(up, [...(found.get(up) ?? []), node.id]);
  }
  return found;
}

/** Return the scene of a graph; ends that name a folded task hang on its group. */
export function sceneOf(
  graph: Graph,
  folded: ReadonlySet<string>,
  direction: Direction,
  ends: End[],
): Scene {
  const shown = standIns(graph.nodes, folded);
  const nodes: BoxIn[] = [];
  const groups: GroupIn[] = [];
  for (const node of graph.nodes) {
    if (shown.get(node.id) !== node.id) continue;
    const parent = node.parent ?? null;
    if (node.is_group && !folded.has(node.id))
      groups.push({ id: node.id, parent, minWidth: Math.min(320, textWidth(node.label) + 72) });
    else nodes.push({ id: node.id, parent, ...sizeOf(nameOf(node), operatorOf(node)) });
  }
  const own = bundled({ nodes, groups }, edgesOf(graph, shown));
  const assets = [...new Set(ends.map((end) => end.uri))];
  nodes.push(...assets.map((uri) => ({ id: assetId(uri), ...sizeOf(uri) })));
  return { direction, nodes, groups, edges: [...own, ...endEdges(graph, shown, ends)] };
}

function edgesOf(graph: Graph, shown: Map<string, string>): EdgeIn[] {
  const found = new Map<string, EdgeIn>();
  for (const edge of graph.edges) {
    const [source, target] = [shown.get(edge.source), shown.get(edge.target)];
    if (!source || !target || source === target) continue;
    const text = edge.label;
    const label = text ? { text, width: textWidth(text) + 8, height: 18 } : null;
    const key = JSON.stringify([source, target]);
    if (!found.has(key) || label) found.set(key, { source, target, label });
  }
  return [...found.values()];
}

function endEdges(graph: Graph, shown: Map<string, string>, ends: End[]): EdgeIn[] {
  const targets = new Set(graph.edges.map((edge) => edge.target));
  const roots = graph.nodes.filter((node) => !node.is_group && !targets.has(node.id));
  const first = [...new Set(roots.map((node) => shown.get(node.id) ?? node.id))];
  return ends.flatMap(({ uri, task }): EdgeIn[] => {
    if (!task) return first.map((target) => ({ source: assetId(uri), target }));
    const source = shown.get(task);
    return source ? [{ source, target: assetId(uri) }] : [];
  });
}

/** Draw one edge from or to a group in place of one for each of its tasks.
 *
 * That is done only where it says the same: the edge leaves all of the group's last tasks, or
 * enters all of its first ones.
 */
export function bundled(scene: Pick<Scene, "nodes" | "groups">, edges: EdgeIn[]): EdgeIn[] {
  const parents = new Map([...scene.groups, ...scene.nodes].map((one) => [one.id, one.parent]));
  const around = (id: string) => {
    const found: string[] = [];
    for (let up = parents.get(id); up; up = parents.get(up)) found.push(up);
    return found;
  };
  const leaves = new Map<string, string[]>();
  for (const { id } of scene.nodes)
    for (const group of around(id)) leaves.set(group, [...(leaves.get(group) ?? []), id]);
  const outer = [...scene.groups].sort((a, b) => around(a.id).length - around(b.id).length);
  let found = edges;
  for (const { id } of outer) {
    const isIn = new Set(leaves.get(id));
    found = bundleAt(id, "target", found, isIn);
    found = bundleAt(id, "source", found, isIn);
  }
  return found;
}

function bundleAt(group: string, end: "source" | "target", edges: EdgeIn[], isIn: Set<string>) {
  const other = end === "source" ? "target" : "source";
  const bound = new Set<string>();
  const byOther = new Map<string, EdgeIn[]>();
  for (const edge of edges) {
    if (!isIn.has(edge[end])) continue;
    if (isIn.has(edge[other])) bound.add(edge[end]);
    else byOther.set(edge[other], [...(byOther.get(edge[other]) ?? []), edge]);
  }
  const tips = isIn.size - bound.size;
  const merged = new Set<EdgeIn>();
  const made: EdgeIn[] = [];
  for (const [id, own] of byOther) {
    const isWhole = own.length > 1 && own.length === tips && own.every((e) => !bound.has(e[end]));
    if (!isWhole || own.some((edge) => edge.label)) continue;
    for (const edge of own) merged.add(edge);
    made.push(end === "source" ? { source: group, target: id } : { source: id, target: group });
  }
  return merged.size > 0 ? [...edges.filter((edge) => !merged.has(edge)), ...made] : edges;
}
