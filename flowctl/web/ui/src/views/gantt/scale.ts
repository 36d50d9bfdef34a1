/** A scale of time: where a moment lies, and at which moments lines are drawn. */

export interface Span {
  start: number;
  end: number;
}

const SECOND = 1000;
const STEPS = [
  0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
  43200, 86400, 172800, 604800, 2592000,
].map((seconds) => seconds * SECOND);

/** Return where a moment lies in a span, 0 at its start and 1 at its end. */
export function part(moment: number, { start, end }: Span): number {
  return (moment - start) / Math.max(1, end - start);
}

/** Return moments for lines at even distances, at most `most` of them. */
export function ticks({ start, end }: Span, most: number): number[] {
  const step =
    STEPS.find((one) => (end - start) / one <= most) ?? (end - start) / Math.max(1, most);
  const found: number[] = [];
  for (let at = Math.ceil(start / step) * step; at <= end && step > 0; at += step) found.push(at);
  return found;
}

/** Zoom a span around one of its moments; it never grows beyond the whole. */
export function zoomedSpan(span: Span, around: number, factor: number, most: Span): Span {
  const least = Math.min(10, most.end - most.start);
  const size = Math.max(least, Math.min(most.end - most.start, (span.end - span.start) * factor));
  const start = around - part(around, span) * size;
  return movedInto({ start, end: start + size }, most);
}

/** Move a span into the whole without changing its size. */
export function movedInto(span: Span, most: Span): Span {
  const size = span.end - span.start;
  const start = Math.max(most.start, Math.min(span.start, most.end - size));
  return { start, end: start + size };
}
