/** Which moments of an axis have room for their words. */

import { part, type Span, ticks } from "@/views/gantt/scale";

const TICKS_MAX = 7;
const NOW_PX = 40; // the word for now, left of it

/** Return the moments to name on an axis, so that no words lie over others or over those of now. */
export function named(span: Span, now: number, width: number, wordsPx: number): number[] {
  let free = part(now, span) * width - NOW_PX;
  const found: number[] = [];
  for (const moment of ticks(span, TICKS_MAX).reverse()) {
    const left = part(moment, span) * width;
    if (left + wordsPx > free) continue;
    found.unshift(moment);
    free = left;
  }
  return found;
}
