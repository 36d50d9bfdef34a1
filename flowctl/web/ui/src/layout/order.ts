/** The order of cells in each layer, with few crossings: sweeps by barycentre, then exchanges. */

import type { Cells } from "./cells";

/** Work is bounded by what is to be done, not by a clock: the same graph looks the same again. */
const WORK_MAX = 6_000_000;
const SWEEPS_MAX = 28;
const PATIENCE = 5;

function places(layers: number[][], into: Int32Array): void {
  for (const layer of layers) for (let at = 0; at < layer.length; at++) into[layer[at]!] = at;
}

/** Begin with the order in which a walk along the edges meets the cells. */
function walked(cells: Cells, isDown: boolean): number[][] {
  const next = isDown ? cells.down : cells.up;
  const layers: number[][] = cells.layers.map(() => []);
  const seen = new Uint8Array(cells.layerOf.length);
  const starts = [...cells.layerOf.keys()].sort(
    (a, b) => (isDown ? 1 : -1) * (cells.layerOf[a]! - cells.layerOf[b]!) || a - b,
  );
  for (const start of starts) {
    const stack = [start];
    while (stack.length > 0) {
      const cell = stack.pop()!;
      if (seen[cell]) continue;
      seen[cell] = 1;
      layers[cells.layerOf[cell]!]!.push(cell);
      for (let at = next[cell]!.length - 1; at >= 0; at--) stack.push(next[cell]![at]!);
    }
  }
  return layers;
}

/** Keep cells of tall items in the order their other ends have: such items never cross. */
function straighten(layer: number[], firm: number[], place: Int32Array): void {
  const slots: number[] = [];
  layer.forEach((cell, at) => firm[cell]! >= 0 && slots.push(at));
  if (slots.length < 2) return;
  const sorted = slots.map((at) => layer[at]!);
  sorted.sort((a, b) => place[firm[a]!]! - place[firm[b]!]!);
  slots.forEach((slot, at) => (layer[slot] = sorted[at]!));
}

function sortLayer(
  layer: number[],
  near: number[][],
  firm: number[],
  place: Int32Array,
  isBiased: boolean,
): void {
  const keys = new Map<number, number>();
  for (const cell of layer) {
    const ends = near[cell]!;
    if (ends.length === 0) continue;
    let sum = 0;
    for (const end of ends) sum += place[end]!;
    keys.set(cell, sum / ends.length);
  }
  // Cells without neighbours there keep their slots.
  const slots: number[] = [];
  layer.forEach((cell, at) => keys.has(cell) && slots.push(at));
  const sorted = slots.map((at) => layer[at]!);
  sorted.sort(
    (a, b) =>
      keys.get(a)! - keys.get(b)! || (isBiased ? place[b]! - place[a]! : place[a]! - place[b]!),
  );
  slots.forEach((slot, at) => (layer[slot] = sorted[at]!));
  straighten(layer, firm, place);
  for (let at = 0; at < layer.length; at++) place[layer[at]!] = at;
}

function sweep(
  layers: number[][],
  cells: Cells,
  place: Int32Array,
  isDown: boolean,
  isBiased: boolean,
) {
  if (isDown) {
    for (let at = 1; at < layers.length; at++)
      sortLayer(layers[at]!, cells.up, cells.firmUp, place, isBiased);
  } else {
    for (let at = layers.length - 2; at >= 0; at--)
      sortLayer(layers[at]!, cells.down, cells.firmDown, place, isBiased);
  }
}

const byNumber = (a: number, b: number) => a - b;

function crossingsBelow(
  layer: number[],
  down: number[][],
  place: Int32Array,
  size: number,
): number {
  const tree = new Int32Array(size + 1);
  let count = 0;
  let entered = 0;
  for (const cell of layer) {
    const ends = down[cell]!.map((end) => place[end]!).sort(byNumber);
    for (const end of ends) {
      let notAfter = 0;
      for (let at = end + 1; at > 0; at -= at & -at) notAfter += tree[at]!;
      count += entered - notAfter;
    }
    for (const end of ends) {
      entered++;
      for (let at = end + 1; at <= size; at += at & -at) tree[at]!++;
    }
  }
  return count;
}

/** Count how often edges cross, over all layers. */
export function crossings(layers: number[][], cells: Cells, place: Int32Array): number {
  let count = 0;
  for (let at = 0; at + 1 < layers.length; at++)
    count += crossingsBelow(layers[at]!, cells.down, place, layers[at + 1]!.length);
  return count;
}

/** Return how many crossings exchanging two neighbours would save on one side. */
function saving(left: number[], right: number[], place: Int32Array): number {
  let saved = 0;
  for (const a of left) for (const b of right) saved += Math.sign(place[a]! - place[b]!);
  return saved;
}

function isFirm(cells: Cells, a: number, b: number): boolean {
  return (
    (cells.firmUp[a]! >= 0 && cells.firmUp[b]! >= 0) ||
    (cells.firmDown[a]! >= 0 && cells.firmDown[b]! >= 0)
  );
}

const DEGREE_MAX = 60; // an exchange of two such costs 3,600 comparisons

/** Exchange neighbours while that saves crossings. */
function exchange(layers: number[][], cells: Cells, place: Int32Array): void {
  for (let round = 0, hasMoved = true; hasMoved && round < 8; round++) {
    hasMoved = false;
    for (const layer of layers) {
      for (let at = 0; at + 1 < layer.length; at++) {
        const a = layer[at]!;
        const b = layer[at + 1]!;
        const degree = cells.up[a]!.length + cells.down[a]!.length;
        if (degree > DEGREE_MAX || isFirm(cells, a, b)) continue;
        const saved =
          saving(cells.up[a]!, cells.up[b]!, place) + saving(cells.down[a]!, cells.down[b]!, place);
        if (saved <= 0) continue;
        layer[at] = b;
        layer[at + 1] = a;
        place[b] = at;
        place[a] = at + 1;
        hasMoved = true;
      }
    }
  }
}

/** Put the cells of each layer in an order with few crossings; `layers` is replaced. */
export function order(cells: Cells): void {
  const place = new Int32Array(cells.layerOf.length);
  const links = cells.down.reduce((sum, list) => sum + list.length, cells.layerOf.length);
  const sweeps = Math.max(4, Math.min(SWEEPS_MAX, Math.floor(WORK_MAX / (links * 20))));
  let best = cells.layers;
  let fewest = Number.POSITIVE_INFINITY;
  for (const isFromAbove of [true, false]) {
    const layers = walked(cells, isFromAbove);
    places(layers, place);
    for (let at = 0, since = 0; at < sweeps && since < PATIENCE; at++, since++) {
      sweep(layers, cells, place, (at % 2 === 0) === isFromAbove, at % 4 >= 2);
      exchange(layers, cells, place);
      const count = crossings(layers, cells, place);
      if (count >= fewest) continue;
      fewest = count;
      best = layers.map((layer) => [...layer]);
      since = -1;
      if (fewest === 0) break;
    }
    if (fewest === 0) break;
  }
  cells.layers = best;
}
