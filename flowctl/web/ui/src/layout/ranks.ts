/** Which layer each item begins in. Knows nothing of places across. */

export interface Arrow {
  from: number;
  to: number;
}

/** Say which arrows must be turned round so that no cycle is left: those that close one. */
export function turned(count: number, arrows: Arrow[]): boolean[] {
  const out: number[][] = Array.from({ length: count }, () => []);
  arrows.forEach((arrow, at) => out[arrow.from]!.push(at));
  const mark = new Int8Array(count); // 1 on the way down, 2 done
  const found = arrows.map(() => false);
  const hasIn = new Int8Array(count);
  for (const arrow of arrows) hasIn[arrow.to] = 1;
  const starts = [...hasIn.keys()].sort((a, b) => hasIn[a]! - hasIn[b]! || a - b);
  for (const start of starts) {
    if (mark[start]) continue;
    const path = [start];
    const next = [0];
    mark[start] = 1;
    while (path.length > 0) {
      const here = path.at(-1)!;
      const step = next[next.length - 1]!++;
      const arrow = out[here]![step];
      if (arrow === undefined) {
        mark[here] = 2;
        path.pop();
        next.pop();
        continue;
      }
      const there = arrows[arrow]!.to;
      if (mark[there] === 1) found[arrow] = true;
      else if (mark[there] === 0) {
        mark[there] = 1;
        path.push(there);
        next.push(0);
      }
    }
  }
  return found;
}

export interface Span extends Arrow {
  /** How many layers `to` begins after `from` at least. */
  least: number;
}

interface Sides {
  into: Span[][];
  out: Span[][];
}

function topological(count: number, { into, out }: Sides): number[] {
  const left = into.map((list) => list.length);
  const order = [...Array(count).keys()].filter((at) => left[at] === 0);
  for (let at = 0; at < order.length; at++) {
    for (const span of out[order[at]!]!) if (--left[span.to]! === 0) order.push(span.to);
  }
  return order;
}

const ROUNDS = 8;

/** Return the layer of each item: as early as possible, then moved to where its edges are shorter. */
export function ranks(count: number, spans: Span[]): number[] {
  const sides: Sides = {
    into: Array.from({ length: count }, () => []),
    out: Array.from({ length: count }, () => []),
  };
  for (const span of spans) {
    sides.into[span.to]!.push(span);
    sides.out[span.from]!.push(span);
  }
  const order = topological(count, sides);
  const rank = new Array<number>(count).fill(0);
  const least = (at: number) => Math.max(0, ...sides.into[at]!.map((s) => rank[s.from]! + s.least));
  const most = (at: number) => Math.min(...sides.out[at]!.map((s) => rank[s.to]! - s.least));
  for (const at of order) rank[at] = least(at);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    const move = (at: number, to: number) => {
      moved ||= to !== rank[at];
      rank[at] = to;
    };
    for (const at of order.toReversed())
      if (sides.out[at]!.length > sides.into[at]!.length) move(at, most(at));
    for (const at of order) if (sides.into[at]!.length > sides.out[at]!.length) move(at, least(at));
    if (!moved) break;
  }
  return rank;
}
