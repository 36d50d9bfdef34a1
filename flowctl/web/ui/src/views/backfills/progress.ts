/** How far a backfill is, as pieces of a bar. */

export interface Progress {
  dates: number;
  to_come: number;
  left_out: number;
  queued: number;
  running: number;
  success: number;
  failed: number;
}

/** A state of runs; or a date that has no run yet, or gets none. */
export type Name = "success" | "failed" | "running" | "queued" | "to_come" | "left_out";

export interface Piece {
  name: Name;
  count: number;
}

const ORDER: Name[] = ["success", "failed", "running", "queued", "to_come", "left_out"];

/** Return the pieces that are there, what has ended first. */
export function piecesOf(progress: Progress): Piece[] {
  return ORDER.map((name) => ({ name, count: progress[name] })).filter(({ count }) => count > 0);
}

/** Return how much of a backfill is over, from 0 to 1. */
export function shareOf({ dates, success, failed, left_out }: Progress): number {
  return dates === 0 ? 1 : (success + failed + left_out) / dates;
}

const DAY_MS = 86_400_000;
const DAYS = 7;

/** Return the dates one is likely to want first: a week until this midnight in UTC. */
export function firstSpan(now: number): { from: string; to: string } {
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  const text = (at: number) => new Date(at).toISOString().slice(0, 16);
  return { from: text(midnight - DAYS * DAY_MS), to: text(midnight) };
}

/** Return the object that a JSON text is, null for an empty text, undefined for anything else. */
export function objectOf(json: string): Record<string, unknown> | null | undefined {
  if (!json.trim()) return null;
  try {
    const found = JSON.parse(json) as unknown;
    const isObject = typeof found === "object" && found !== null && !Array.isArray(found);
    return isObject ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
