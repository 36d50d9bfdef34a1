/** The runs of all DAGs on one axis of time: a row for each DAG, what runs or ran last on top. */

import type { Schemas } from "@/api/client";
import type { Stretch } from "@/views/gantt/condense";

export type TimelineRun = Schemas["TimelineRun"];

export interface Bar extends Stretch {
  run: string;
  type: string;
  /** When it was made; it begins to run at `start`. */
  queued: number;
}

export interface Row {
  dag: string;
  bars: Bar[];
  /** The state of its latest run. */
  state: string;
  failed: number;
}

const at = (iso: string | null) => (iso ? Date.parse(iso) : undefined);

/** Return a row for each DAG, the one with the latest run first. */
export function rowsOf(runs: readonly TimelineRun[], now: number): Row[] {
  const rows = new Map<string, Row>();
  for (const run of runs) {
    const end = at(run.end_date) ?? now;
    const queued = at(run.queued_at) ?? at(run.start_date) ?? end;
    const bar = {
      run: run.run_id,
      type: run.run_type,
      state: run.state,
      queued,
      start: at(run.start_date) ?? end,
      end: Math.max(end, queued),
    };
    const row = rows.get(run.dag_id) ?? {
      dag: run.dag_id,
      bars: [],
      state: run.state,
      failed: 0,
    };
    rows.set(run.dag_id, row);
    row.bars.push(bar);
    if (run.state === "failed") row.failed += 1;
  }
  return [...rows.values()];
}

/** The windows one can choose, in hours. */
export const WINDOWS = [1, 6, 24, 72, 168] as const;

/** Read the window from an address that anybody may have written. */
export function windowOf(search: Record<string, unknown>): { hours?: number } {
  const hours = Number(search.hours);
  return WINDOWS.includes(hours as 24) ? { hours } : {};
}
