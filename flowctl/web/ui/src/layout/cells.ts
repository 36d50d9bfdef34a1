/** Layers of cells: items, the further layers a tall item reaches into, and bends of long edges. */

export interface Item {
  /** Size across the direction of the edges, and how many layers it reaches through. */
  width: number;
  span: number;
}

/** An edge in the direction of the layers; -1 is the outside: it goes on to the first or last layer. */
export interface Wire {
  from: number;
  to: number;
  /** Room across for its label; undefined without one. */
  label?: number | undefined;
}

export interface Cells {
  layers: number[][];
  layerOf: number[];
  width: number[];
  up: number[][];
  down: number[][];
  /** The cell of the same tall item in the layer before and after; -1 without one. */
  firmUp: number[];
  firmDown: number[];
  isBend: boolean[];
  ofItem: number[][];
  /** Bends of each wire, in order; empty also for wires too long to be layered. */
  ofWire: number[][];
  /** Which bend carries the label. */
  labelAt: number[];
}

/** Beyond so many bends the longest edges are drawn without: the work stays linear. */
const BENDS_PER_ITEM = 24;
const BENDS_FREE = 4000;

interface Stretch {
  first: number;
  last: number;
}

function stretches(items: Item[], rank: number[], wires: Wire[], depth: number): Stretch[] {
  return wires.map(({ from, to }) => ({
    first: from < 0 ? 0 : rank[from]! + items[from]!.span,
    last: (to < 0 ? depth : rank[to]!) - 1,
  }));
}

/** Say up to which length edges get bends. */
function longest(all: Stretch[], items: number): number {
  const lengths = all.map(({ first, last }) => last - first + 1).sort((a, b) => a - b);
  let left = BENDS_PER_ITEM * items + BENDS_FREE;
  for (const length of lengths) {
    left -= length;
    if (left < 0) return length - 1;
  }
  return Number.POSITIVE_INFINITY;
}

export function cellsOf(items: Item[], rank: number[], wires: Wire[]): Cells {
  const depth = Math.max(0, ...items.map((item, at) => rank[at]! + item.span));
  const cells: Cells = {
    layers: Array.from({ length: depth }, () => []),
    layerOf: [],
    width: [],
    up: [],
    down: [],
    firmUp: [],
    firmDown: [],
    isBend: [],
    ofItem: [],
    ofWire: [],
    labelAt: [],
  };
  const add = (layer: number, width: number, isBend: boolean): number => {
    const cell = cells.layerOf.length;
    cells.layerOf.push(layer);
    cells.width.push(width);
    cells.up.push([]);
    cells.down.push([]);
    cells.firmUp.push(-1);
    cells.firmDown.push(-1);
    cells.isBend.push(isBend);
    cells.layers[layer]!.push(cell);
    return cell;
  };
  const link = (above: number, below: number) => {
    cells.down[above]!.push(below);
    cells.up[below]!.push(above);
  };
  items.forEach((item, at) => {
    const own: number[] = [];
    for (let step = 0; step < item.span; step++) {
      const cell = add(rank[at]! + step, item.width, false);
      const before = own.at(-1);
      if (before !== undefined) {
        link(before, cell);
        cells.firmUp[cell] = before;
        cells.firmDown[before] = cell;
      }
      own.push(cell);
    }
    cells.ofItem.push(own);
  });
  const reach = stretches(items, rank, wires, depth);
  const bound = longest(reach, items.length);
  wires.forEach((wire, at) => {
    const { first, last } = reach[at]!;
    const own: number[] = [];
    const isLayered = last - first < bound || wire.label !== undefined;
    const middle = (first + last) >> 1;
    let before = wire.from < 0 ? -1 : cells.ofItem[wire.from]!.at(-1)!;
    cells.labelAt.push(wire.label === undefined ? -1 : middle - first);
    for (let layer = first; isLayered && layer <= last; layer++) {
      const cell = add(layer, layer === middle ? (wire.label ?? 0) : 0, true);
      if (before >= 0) link(before, cell);
      before = cell;
      own.push(cell);
    }
    if (isLayered && wire.to >= 0 && before >= 0) link(before, cells.ofItem[wire.to]![0]!);
    cells.ofWire.push(own);
  });
  return cells;
}
