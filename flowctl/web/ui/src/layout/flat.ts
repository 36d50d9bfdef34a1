/** One level of a layout: items and the wires between them, without what lies inside the items. */

import { type Cells, cellsOf, type Wire } from "./cells";
import { GAP } from "./model";
import { order } from "./order";
import { place } from "./place";
import { ranks } from "./ranks";

export interface FlatItem {
  /** Size across the direction of the edges, and along it. */
  across: number;
  along: number;
  /** A group: it may reach through several layers. */
  isTall: boolean;
}

export interface FlatWire {
  /** Places of items; -1 is the outside. */
  from: number;
  to: number;
  /** Where it leaves and enters, from the middle of the item. */
  fromShift: number;
  toShift: number;
  label: { across: number; along: number } | null;
}

/** A corner: across, along. */
export type Corner = [number, number];

export interface FlatRoute {
  corners: Corner[];
  label: Corner | null;
}

export interface Flat {
  across: number;
  along: number;
  /** Start of each item across and along. */
  items: Corner[];
  wires: FlatRoute[];
}

/** Return the size of a layer into which tall items are cut: that of an item beside them. */
function unitOf(items: FlatItem[]): number {
  const small = items.filter((item) => !item.isTall).map((item) => item.along);
  if (small.length === 0) return Number.POSITIVE_INFINITY; // nothing is beside them
  return Math.max(GAP.unit, small.sort((a, b) => a - b)[small.length >> 1]!);
}

function spanOf(item: FlatItem, unit: number): number {
  return item.isTall ? Math.max(1, Math.ceil((item.along + GAP.along) / (unit + GAP.along))) : 1;
}

interface Layers {
  start: number[];
  end: number[];
}

function layersOf(cells: Cells, items: FlatItem[], wires: FlatWire[], unit: number): Layers {
  const hasTall = unit < Number.POSITIVE_INFINITY && items.some((item) => item.isTall);
  const size = cells.layers.map(() => (hasTall ? unit : 0));
  const need = (layer: number, along: number) => (size[layer] = Math.max(size[layer]!, along));
  items.forEach((item, at) => {
    const own = cells.ofItem[at]!;
    if (own.length === 1) need(cells.layerOf[own[0]!]!, item.along);
  });
  wires.forEach((wire, at) => {
    const bend = cells.ofWire[at]![cells.labelAt[at]!];
    if (wire.label && bend !== undefined) need(cells.layerOf[bend]!, wire.label.along);
  });
  const start: number[] = [];
  const end: number[] = [];
  let at = 0;
  for (const own of size) {
    start.push(at);
    end.push(at + own);
    at += own + GAP.along;
  }
  return { start, end };
}

/** Lay out items and wires without cycles among them. */
export function flat(items: FlatItem[], wires: FlatWire[]): Flat {
  if (items.length === 0) return { across: 0, along: 0, items: [], wires: [] };
  const unit = unitOf(items);
  const spans = items.map((item) => spanOf(item, unit));
  const rank = ranks(
    items.length,
    wires
      .filter((wire) => wire.from >= 0 && wire.to >= 0)
      .map(({ from, to, label }) => ({ from, to, least: spans[from]! + (label ? 1 : 0) })),
  );
  const cells = cellsOf(
    items.map((item, at) => ({ width: item.across, span: spans[at]! })),
    rank,
    wires.map(({ from, to, label }): Wire => ({ from, to, label: label?.across })),
  );
  order(cells);
  const x = place(cells);
  const layers = layersOf(cells, items, wires, unit);
  const corners = items.map((item, at): Corner => {
    const own = cells.ofItem[at]!;
    const start = layers.start[cells.layerOf[own[0]!]!]!;
    const end = layers.end[cells.layerOf[own.at(-1)!]!]!;
    return [
      x[own[0]!]! - item.across / 2,
      item.isTall ? start : start + (end - start - item.along) / 2,
    ];
  });
  const routes = wires.map((wire, at) => route(wire, at, { cells, x, layers, items, corners }));
  const across = Math.max(...cells.width.map((width, cell) => x[cell]! + width / 2));
  return { across, along: layers.end.at(-1)!, items: corners, wires: routes };
}

interface Placed {
  cells: Cells;
  x: Float64Array;
  layers: Layers;
  items: FlatItem[];
  corners: Corner[];
}

function route(
  wire: FlatWire,
  at: number,
  { cells, x, layers, items, corners }: Placed,
): FlatRoute {
  const found: Corner[] = [];
  let label: Corner | null = null;
  if (wire.from >= 0) {
    const [left, top] = corners[wire.from]!;
    const item = items[wire.from]!;
    const middle = left + item.across / 2 + wire.fromShift;
    const last = cells.ofItem[wire.from]!.at(-1)!;
    found.push([middle, top + item.along], [middle, layers.end[cells.layerOf[last]!]!]);
  }
  cells.ofWire[at]!.forEach((cell, step) => {
    const layer = cells.layerOf[cell]!;
    const start = layers.start[layer]!;
    const end = layers.end[layer]!;
    found.push([x[cell]!, start], [x[cell]!, end]);
    if (wire.label && step === cells.labelAt[at]) label = [x[cell]!, (start + end) / 2];
  });
  if (wire.to >= 0) {
    const [left, top] = corners[wire.to]!;
    const middle = left + items[wire.to]!.across / 2 + wire.toShift;
    const first = cells.ofItem[wire.to]![0]!;
    found.push([middle, layers.start[cells.layerOf[first]!]!], [middle, top]);
  }
  return { corners: plain(found), label };
}

/** Leave out corners that lie on the line between their neighbours along. */
function plain(corners: Corner[]): Corner[] {
  return corners.filter(([across], at) => {
    const before = corners[at - 1];
    const after = corners[at + 1];
    return !before || !after || before[0] !== across || after[0] !== across;
  });
}
