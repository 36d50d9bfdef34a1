/** Many bars of one row as few: what could not be told apart on the screen is drawn as one. */

import { SEVERITY } from "@/parts/severity";
import { part, type Span } from "./scale";

export interface Stretch {
  start: number;
  end: number;
  state: string;
}

export interface Segment {
  /** Parts of the span, from 0 to 1. */
  from: number;
  to: number;
  /** The worst state of the bars in it. */
  state: string;
  /** How many bars begin in it. */
  count: number;
}

const rank = (state: string) => {
  const place = SEVERITY.indexOf(state);
  return place < 0 ? SEVERITY.length : place;
};

/** Return what is drawn of bars in a span: so many columns, and neighbours alike in state as one. */
export function condensed(bars: readonly Stretch[], span: Span, columns: number): Segment[] {
  const worst: (string | undefined)[] = new Array(columns).fill(undefined);
  const begun = new Array<number>(columns).fill(0);
  for (const { start, end, state } of bars) {
    const [from, to] = [part(start, span), part(end, span)];
    if (to < 0 || from > 1) continue;
    const first = Math.max(0, Math.min(columns - 1, Math.floor(from * columns)));
    const last = Math.min(columns - 1, Math.floor(to * columns));
    begun[first] = (begun[first] ?? 0) + 1;
    for (let at = first; at <= last; at++) {
      const before = worst[at];
      if (before === undefined || rank(state) < rank(before)) worst[at] = state;
    }
  }
  const found: Segment[] = [];
  worst.forEach((state, at) => {
    const last = found.at(-1);
    const [from, to, count] = [at / columns, (at + 1) / columns, begun[at] ?? 0];
    if (state === undefined) return;
    if (last && last.state === state && last.to === from) {
      last.to = to;
      last.count += count;
    } else found.push({ from, to, state, count });
  });
  return found;
}
