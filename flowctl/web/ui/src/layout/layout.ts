/** The layout of a whole scene: each group is laid out by itself, and is one item of the group
 * around it. So groups never overlap what is not in them, and the work grows with the graph.
 */

import { type Corner, flat, type Flat, type FlatItem, type FlatWire } from "./flat";
import { type Level, type Levels, levelsOf, ROOT, type Side } from "./levels";
import {
  type Direction,
  GAP,
  type Laid,
  type Point,
  type Rect,
  type Route,
  type Scene,
} from "./model";

interface Size {
  across: number;
  along: number;
}

/** A level once it is laid out; places are those of its content. */
interface Done {
  size: Size;
  /** Where the content begins in the box. */
  inset: Size;
  items: Map<string, Corner>;
  /** Of edges between its items: corners in the direction of the layout. */
  edges: Map<number, { corners: Corner[]; label: Corner | null }>;
  /** Of edges that pass its border, by end and side. */
  passing: Map<string, Corner[]>;
}

interface Room {
  scene: Scene;
  levels: Levels;
  sizes: Map<string, Size>;
  done: Map<string, Done>;
}

const isAcross = (direction: Direction) => direction === "LR" || direction === "RL";
const passKey = (leaf: string, side: Side) => `${side}:${leaf}`;

function turn(direction: Direction, { width, height }: { width: number; height: number }): Size {
  return isAcross(direction) ? { across: height, along: width } : { across: width, along: height };
}

/** Space around the content of a group: before and after it, along and across. */
function padding(direction: Direction) {
  const { title, padding } = GAP;
  if (isAcross(direction)) return { across: [title, padding], along: [padding, padding] } as const;
  const along = direction === "TB" ? ([title, padding] as const) : ([padding, title] as const);
  return { across: [padding, padding], along } as const;
}

/** Return how far from the middle of an item an edge to a place inside it passes its border. */
function shift(room: Room, item: string, leaf: string, side: Side): number {
  const done = room.done.get(item);
  const corners = done?.passing.get(passKey(leaf, side));
  if (!done || !corners) return 0;
  const across = side === "begin" ? corners[0]![0] : corners.at(-1)![0];
  return done.inset.across + across - done.size.across / 2;
}

function wiresOf(room: Room, level: Level): FlatWire[] {
  const at = new Map(level.items.map((id, place) => [id, place]));
  const between = level.edges.map(({ edge, source, target, isTurned }): FlatWire => {
    const given = room.scene.edges[edge]!;
    const ends = isTurned
      ? { from: target, to: source, out: given.target, into: given.source }
      : { from: source, to: target, out: given.source, into: given.target };
    return {
      from: at.get(ends.from)!,
      to: at.get(ends.to)!,
      fromShift: shift(room, ends.from, ends.out, "end"),
      toShift: shift(room, ends.to, ends.into, "begin"),
      label: given.label ? turn(room.scene.direction, given.label) : null,
    };
  });
  const passing = level.passing.map(({ leaf, item, side }): FlatWire => {
    const own = shift(room, item, leaf, side);
    return side === "begin"
      ? { from: -1, to: at.get(item)!, fromShift: 0, toShift: own, label: null }
      : { from: at.get(item)!, to: -1, fromShift: own, toShift: 0, label: null };
  });
  return [...between, ...passing];
}

function box(direction: Direction, content: Flat, minWidth: number): Pick<Done, "size" | "inset"> {
  const around = padding(direction);
  const across = content.across + around.across[0] + around.across[1];
  const along = content.along + around.along[0] + around.along[1];
  const wide = isAcross(direction)
    ? { across, along: Math.max(along, minWidth) }
    : { across: Math.max(across, minWidth), along };
  return {
    size: wide,
    inset: {
      across: around.across[0] + (wide.across - across) / 2,
      along: around.along[0] + (wide.along - along) / 2,
    },
  };
}

function layLevel(room: Room, id: string, minWidth: number): void {
  const level = room.levels.byId.get(id)!;
  const items = level.items.map((item): FlatItem => ({
    ...(room.done.get(item)?.size ?? room.sizes.get(item)!),
    isTall: room.done.has(item),
  }));
  const content = flat(items, wiresOf(room, level));
  const none = { across: 0, along: 0 };
  const outer =
    id === ROOT
      ? { size: { across: content.across, along: content.along }, inset: none }
      : box(room.scene.direction, content, minWidth);
  const count = level.edges.length;
  room.done.set(id, {
    ...outer,
    items: new Map(level.items.map((item, at) => [item, content.items[at]!])),
    edges: new Map(level.edges.map(({ edge }, at) => [edge, content.wires[at]!])),
    passing: new Map(
      level.passing.map(({ leaf, side }, at) => [
        passKey(leaf, side),
        content.wires[count + at]!.corners,
      ]),
    ),
  });
}

/** Find where the content of each level begins, in the whole. */
function origins(room: Room): Map<string, Corner> {
  const found = new Map<string, Corner>([[ROOT, [0, 0]]]);
  const walk = (id: string) => {
    const [across, along] = found.get(id)!;
    const done = room.done.get(id)!;
    for (const [item, corner] of done.items) {
      const inner = room.done.get(item);
      if (!inner) continue;
      found.set(item, [
        across + corner[0] + inner.inset.across,
        along + corner[1] + inner.inset.along,
      ]);
      walk(item);
    }
  };
  walk(ROOT);
  return found;
}

function moved(corners: Corner[], by: Corner): Corner[] {
  return corners.map(([across, along]) => [across + by[0], along + by[1]]);
}

/** Return the corners of what an edge does inside the items it ends in, from the end outwards. */
function inside(room: Room, from: Map<string, Corner>, leaf: string, item: string, side: Side) {
  const chain = room.levels.chains.get(leaf)!;
  const found: Corner[] = [];
  for (let at = chain.length - 2; at >= chain.indexOf(item); at--) {
    const corners = room.done.get(chain[at]!)!.passing.get(passKey(leaf, side)) ?? [];
    const placed = moved(corners, from.get(chain[at]!)!);
    found.push(...(side === "begin" ? placed.toReversed() : placed));
  }
  return found;
}

function routeOf(
  room: Room,
  from: Map<string, Corner>,
  id: string,
  at: number,
): [number, FlatPath] {
  const level = room.levels.byId.get(id)!;
  const { edge, source, target, isTurned } = level.edges[at]!;
  const given = room.scene.edges[edge]!;
  const own = room.done.get(id)!.edges.get(edge)!;
  const between = moved(own.corners, from.get(id)!);
  const corners = [
    ...inside(room, from, given.source, source, isTurned ? "begin" : "end"),
    ...(isTurned ? between.toReversed() : between),
    ...inside(room, from, given.target, target, isTurned ? "end" : "begin").toReversed(),
  ];
  return [edge, { corners, label: own.label && moved([own.label], from.get(id)!)[0]! }];
}

interface FlatPath {
  corners: Corner[];
  label: Corner | null;
}

/** Lay out a scene; the same scene always gives the same layout. */
export function layout(scene: Scene): Laid {
  const levels = levelsOf(scene);
  const sizes = new Map(scene.nodes.map((node) => [node.id, turn(scene.direction, node)]));
  const room: Room = { scene, levels, sizes, done: new Map() };
  const depth = (id: string) => levels.chains.get(id)!.length;
  const inner = [...scene.groups].sort((a, b) => depth(b.id) - depth(a.id));
  for (const group of inner) layLevel(room, group.id, group.minWidth);
  layLevel(room, ROOT, 0);
  return drawn(room);
}

function drawn(room: Room): Laid {
  const { scene, levels } = room;
  const from = origins(room);
  const { size } = room.done.get(ROOT)!;
  const point = pointer(scene.direction, size);
  const rect = (id: string, own: Size): Rect => {
    const parent = levels.chains.get(id)!.at(-2) ?? ROOT;
    const [corner] = moved([room.done.get(parent)!.items.get(id)!], from.get(parent)!);
    const a = point(corner!);
    const b = point([corner![0] + own.across, corner![1] + own.along]);
    return {
      x: Math.min(a.x, b.x),
      y: Math.min(a.y, b.y),
      width: Math.abs(a.x - b.x),
      height: Math.abs(a.y - b.y),
    };
  };
  const routes: Route[] = scene.edges.map(() => ({ points: [], label: null }));
  for (const [id, level] of levels.byId) {
    level.edges.forEach((_, at) => {
      const [edge, path] = routeOf(room, from, id, at);
      routes[edge] = { points: path.corners.map(point), label: path.label && point(path.label) };
    });
  }
  const isWide = isAcross(scene.direction);
  return {
    width: isWide ? size.along : size.across,
    height: isWide ? size.across : size.along,
    nodes: scene.nodes.map((node) => rect(node.id, room.sizes.get(node.id)!)),
    groups: scene.groups.map((group) => rect(group.id, room.done.get(group.id)!.size)),
    edges: routes,
  };
}

function pointer(direction: Direction, size: Size): (corner: Corner) => Point {
  return {
    TB: ([x, y]: Corner) => ({ x, y }),
    BT: ([x, y]: Corner) => ({ x, y: size.along - y }),
    LR: ([y, x]: Corner) => ({ x, y }),
    RL: ([y, x]: Corner) => ({ x: size.along - x, y }),
  }[direction];
}
