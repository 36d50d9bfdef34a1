/** Places across the layers: blocks of aligned cells, compacted four ways, and the middle of these.
 *
 * Source: U. Brandes and B. Köpf, "Fast and simple horizontal coordinate assignment", 2001; the
 * blocks are compacted as longest paths between them, so that cells may differ in width.
 */

import type { Cells } from "./cells";
import { GAP } from "./model";

const FIRM = 2;
const BEND = 1;

function priority(cells: Cells, above: number, below: number): number {
  if (cells.firmUp[below] === above) return FIRM;
  return cells.isBend[above] && cells.isBend[below] ? BEND : 0;
}

/** Mark edges that cross one of a higher priority: only the latter may become straight. */
function marked(cells: Cells, place: Int32Array): Set<number> {
  const found = new Set<number>();
  const size = cells.layerOf.length;
  for (let at = 1; at < cells.layers.length; at++) {
    for (const level of [BEND, FIRM]) {
      const layer = cells.layers[at]!;
      const reach = bounds(cells, layer, place, level);
      if (!reach) continue;
      layer.forEach((below, i) => {
        for (const above of cells.up[below]!) {
          if (priority(cells, above, below) >= level) continue;
          const here = place[above]!;
          if (reach.before[i]! > here || reach.after[i + 1]! < here)
            found.add(above * size + below);
        }
      });
    }
  }
  return found;
}

/** Of edges of a priority: the furthest place above of those that end left, and right, of a cell. */
function bounds(cells: Cells, layer: number[], place: Int32Array, level: number) {
  const before = new Int32Array(layer.length + 1).fill(-1);
  const after = new Int32Array(layer.length + 2).fill(2 ** 30);
  let isAny = false;
  const ends = layer.map((below) =>
    cells.up[below]!.filter((above) => priority(cells, above, below) >= level).map(
      (a) => place[a]!,
    ),
  );
  for (let i = 0; i < layer.length; i++) {
    isAny ||= ends[i]!.length > 0;
    before[i + 1] = Math.max(before[i]!, ...ends[i]!);
  }
  for (let i = layer.length - 1; i >= 0; i--) after[i] = Math.min(after[i + 1]!, ...ends[i]!);
  return isAny ? { before, after } : null;
}

interface Blocks {
  root: Int32Array;
}

function align(
  layers: number[][],
  near: number[][],
  place: Int32Array,
  isMarked: (a: number, b: number) => boolean,
): Blocks {
  const size = place.length;
  const root = Int32Array.from({ length: size }, (_, at) => at);
  const next = Int32Array.from(root);
  for (const layer of layers) {
    let last = -1;
    for (const cell of layer) {
      const ends = near[cell]!;
      if (ends.length === 0) continue;
      const sorted = ends.length > 1 ? [...ends].sort((a, b) => place[a]! - place[b]!) : ends;
      const middle = (sorted.length - 1) / 2;
      for (const at of new Set([Math.floor(middle), Math.ceil(middle)])) {
        const end = sorted[at]!;
        if (next[cell] !== cell || last >= place[end]! || isMarked(end, cell)) continue;
        next[end] = cell;
        root[cell] = root[end]!;
        next[cell] = root[cell]!;
        last = place[end]!;
      }
    }
  }
  return { root };
}

function apart(cells: Cells, a: number, b: number): number {
  const gap = cells.isBend[a] || cells.isBend[b] ? GAP.besideEdge : GAP.across;
  return (cells.width[a]! + cells.width[b]!) / 2 + gap;
}

/** Push the blocks as far to the left as their neighbours let them, then close gaps from the right. */
function compact(layers: number[][], cells: Cells, { root }: Blocks): Float64Array {
  const size = root.length;
  const out: number[][] = Array.from({ length: size }, () => []);
  const gaps: number[][] = Array.from({ length: size }, () => []);
  const left = new Int32Array(size);
  for (const layer of layers) {
    for (let at = 1; at < layer.length; at++) {
      const a = root[layer[at - 1]!]!;
      const b = root[layer[at]!]!;
      out[a]!.push(b);
      gaps[a]!.push(apart(cells, layer[at - 1]!, layer[at]!));
      left[b]!++;
    }
  }
  const sorted: number[] = [];
  for (let cell = 0; cell < size; cell++)
    if (root[cell] === cell && left[cell] === 0) sorted.push(cell);
  const x = new Float64Array(size);
  for (let at = 0; at < sorted.length; at++) {
    const a = sorted[at]!;
    out[a]!.forEach((b, i) => {
      x[b] = Math.max(x[b]!, x[a]! + gaps[a]![i]!);
      if (--left[b]! === 0) sorted.push(b);
    });
  }
  for (let at = sorted.length - 1; at >= 0; at--) {
    const a = sorted[at]!;
    let most = Number.POSITIVE_INFINITY;
    out[a]!.forEach((b, i) => (most = Math.min(most, x[b]! - gaps[a]![i]!)));
    if (most < Number.POSITIVE_INFINITY) x[a] = Math.max(x[a]!, most);
  }
  return x.map((_, cell) => x[root[cell]!]!);
}

function extent(x: Float64Array, cells: Cells): [number, number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  x.forEach((middle, cell) => {
    low = Math.min(low, middle - cells.width[cell]! / 2);
    high = Math.max(high, middle + cells.width[cell]! / 2);
  });
  return [low, high];
}

/** Return the middle of each cell across; the leftmost border is at 0. */
export function place(cells: Cells): Float64Array {
  const size = cells.layerOf.length;
  if (size === 0) return new Float64Array();
  const at = new Int32Array(size);
  for (const layer of cells.layers) layer.forEach((cell, i) => (at[cell] = i));
  const conflicts = marked(cells, at);
  const found: Float64Array[] = [];
  for (const isUp of [false, true]) {
    for (const isRight of [false, true]) {
      let layers = isUp ? cells.layers.toReversed() : cells.layers;
      if (isRight) layers = layers.map((layer) => layer.toReversed());
      const here = new Int32Array(size);
      for (const layer of layers) layer.forEach((cell, i) => (here[cell] = i));
      const isMarked = isUp
        ? (a: number, b: number) => conflicts.has(b * size + a)
        : (a: number, b: number) => conflicts.has(a * size + b);
      const blocks = align(layers, isUp ? cells.down : cells.up, here, isMarked);
      const x = compact(layers, cells, blocks);
      found.push(isRight ? x.map((value) => -value) : x);
    }
  }
  return balanced(found, cells);
}

function balanced(found: Float64Array[], cells: Cells): Float64Array {
  const extents = found.map((x) => extent(x, cells));
  const widths = extents.map(([low, high]) => high - low);
  const narrowest = extents[widths.indexOf(Math.min(...widths))]!;
  found.forEach((x, i) => {
    const isRight = i % 2 === 1;
    const shift = isRight ? narrowest[1] - extents[i]![1] : narrowest[0] - extents[i]![0];
    for (let cell = 0; cell < x.length; cell++) x[cell]! += shift;
  });
  const middle = found[0]!.map((_, cell) => {
    const four = found.map((x) => x[cell]!).sort((a, b) => a - b);
    return (four[1]! + four[2]!) / 2;
  });
  const [low] = extent(middle, cells);
  return middle.map((value) => value - low);
}
