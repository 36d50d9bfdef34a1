/** What the page of the cluster computes from the dashboard of the API. */

import type { Schemas } from "@/api/client";

export type Dashboard = Schemas["Dashboard"];
export type Job = Schemas["Job"];
export type PoolUse = Schemas["PoolUse"];

export interface Piece {
  state: string;
  count: number;
}

/** Return what fills a pool: what holds slots, then what waits for some. */
export function filled(pool: PoolUse): { held: number; pieces: Piece[]; waiting: number } {
  const pieces = [
    { state: "running", count: pool.running },
    { state: "queued", count: pool.queued },
    { state: "deferred", count: pool.includes_deferred ? pool.deferred : 0 },
  ].filter((piece) => piece.count > 0);
  const held = pieces.reduce((sum, piece) => sum + piece.count, 0);
  return { held, pieces, waiting: pool.scheduled };
}

/** Pools in the order in which they need a look: the fullest first, then by name. */
export function byNeed(pools: readonly PoolUse[]): PoolUse[] {
  const share = (pool: PoolUse) =>
    pool.slots ? (filled(pool).held + pool.scheduled) / pool.slots : 0;
  return [...pools].sort((a, b) => share(b) - share(a) || a.name.localeCompare(b.name));
}

const KINDS = ["scheduler", "triggerer", "webserver", "runner"];

/** Processes by kind; of schedulers the leader first; those that fell silent before all. */
export function inOrder(jobs: readonly Job[]): Job[] {
  const place = ({ kind, state, role }: Job) =>
    (state === "silent" ? -100 : 0) +
    (KINDS.indexOf(kind) + KINDS.length) * 2 +
    (role === "standby" ? 1 : 0);
  return [...jobs].sort((a, b) => place(a) - place(b) || b.id - a.id);
}

/** Return the memory of those of these processes that run on this machine, in bytes. */
export function memoryOf(jobs: readonly Job[]): number {
  return jobs.reduce((sum, job) => sum + (job.memory_bytes ?? 0), 0);
}

export const ago = (iso: string | null | undefined, now: number) =>
  iso ? Math.max(0, (now - Date.parse(iso)) / 1000) : undefined;
