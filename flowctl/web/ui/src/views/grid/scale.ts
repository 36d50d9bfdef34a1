/** How long runs took, as bars: the scale, and which rows and columns are seen. */

import { between } from "@/time/moments";

export interface Timed {
  queued_at?: string | null;
  start_date?: string | null;
  end_date?: string | null;
}

/** Return how many seconds a run has taken; 0 before it starts. */
export function secondsOf(run: Timed, now: number): number {
  return run.start_date ? Math.max(0, between(run.start_date, run.end_date, now)) : 0;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];

/** Return the top of a scale that holds all durations: a round number of seconds. */
export function topOf(seconds: readonly number[]): number {
  const most = Math.max(0.1, ...seconds);
  if (most <= 1) return most <= 0.5 ? 0.5 : 1;
  const last = STEPS.at(-1) as number;
  return STEPS.find((step) => step >= most) ?? Math.ceil(most / last) * last;
}

export interface Span {
  first: number;
  /** The one after the last. */
  end: number;
}

/** Return which of `count` things of a size are seen through a window; none before it is measured. */
export function seen(offset: number, length: number, size: number, count: number): Span {
  if (length <= 0) return { first: 0, end: 0 };
  const first = Math.max(0, Math.min(count, Math.floor(offset / size)));
  return { first, end: Math.min(count, Math.ceil((offset + length) / size) + 1) };
}

/** Return the scroll offset nearest to the one now at which a thing is fully seen. */
export function shown(place: number, size: number, offset: number, length: number): number {
  const start = place * size;
  if (start < offset) return start;
  return start + size > offset + length ? start + size - length : offset;
}
