/** Ways through a graph: what lies upstream and downstream, and where an arrow key leads. */

import type { Direction, Laid, Rect, Scene } from "@/layout/model";

export interface Link {
  source: string;
  target: string;
}

export type Focus = "all" | "upstream" | "downstream" | "both";

function reached(start: string, next: Map<string, string[]>): Set<string> {
  const found = new Set([start]);
  for (const id of found) for (const other of next.get(id) ?? []) found.add(other);
  return found;
}

function nextOf(links: Link[], isDown: boolean): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const { source, target } of links) {
    const [from, to] = isDown ? [source, target] : [target, source];
    const known = next.get(from);
    if (known) known.push(to);
    else next.set(from, [to]);
  }
  return next;
}

/** Return what is in focus: null means everything. */
export function focused(links: Link[], id: string | undefined, focus: Focus): Set<string> | null {
  if (!id || focus === "all") return null;
  const up = focus === "downstream" ? new Set([id]) : reached(id, nextOf(links, false));
  const down = focus === "upstream" ? new Set([id]) : reached(id, nextOf(links, true));
  return new Set([...up, ...down]);
}

const KEYS: Record<string, { x: number; y: number }> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

const FORWARD: Record<Direction, { x: number; y: number }> = {
  LR: { x: 1, y: 0 },
  RL: { x: -1, y: 0 },
  TB: { x: 0, y: 1 },
  BT: { x: 0, y: -1 },
};

const middle = (rect: Rect) => ({ x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 });

/** Return where an arrow key leads from a node: along an edge, or to the next node beside it.
 *
 * Returns:
 *   undefined for other keys, and where there is nothing.
 */
export function step(scene: Scene, laid: Laid, from: string, key: string): string | undefined {
  const way = KEYS[key];
  const at = scene.nodes.findIndex((node) => node.id === from);
  const start = laid.nodes[at];
  if (!way || !start) return undefined;
  const forward = FORWARD[scene.direction];
  const along = way.x * forward.x + way.y * forward.y;
  const ends = along === 0 ? null : neighbours(scene, from, along > 0);
  const here = middle(start);
  let best: string | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  scene.nodes.forEach((node, place) => {
    const rect = laid.nodes[place];
    if (!rect || place === at || (ends && !ends.has(node.id))) return;
    const there = middle(rect);
    const ahead = (there.x - here.x) * way.x + (there.y - here.y) * way.y;
    const aside = Math.abs((there.x - here.x) * way.y) + Math.abs((there.y - here.y) * way.x);
    if (ahead <= 0) return;
    const distance = ends ? aside + ahead / 100 : aside * 4 + ahead;
    if (distance >= nearest) return;
    nearest = distance;
    best = node.id;
  });
  return best;
}

/** Return the nodes at the other ends of edges; behind a group stand all the nodes in it. */
function neighbours(scene: Scene, id: string, isDown: boolean): Set<string> {
  const parents = new Map([...scene.groups, ...scene.nodes].map((one) => [one.id, one.parent]));
  const around = (one: string) => {
    const found = [one];
    for (let up = parents.get(one); up; up = parents.get(up)) found.push(up);
    return found;
  };
  const own = new Set(around(id));
  const ends = new Set(
    scene.edges
      .filter((edge) => own.has(isDown ? edge.source : edge.target))
      .map((edge) => (isDown ? edge.target : edge.source)),
  );
  return new Set(
    scene.nodes
      .filter((node) => around(node.id).some((one) => ends.has(one)))
      .map((node) => node.id),
  );
}
