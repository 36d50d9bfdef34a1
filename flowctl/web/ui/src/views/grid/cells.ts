/** What one cell shows: the state of a task in a run, or of the many that a row stands for. */

import { SEVERITY } from "@/parts/severity";
import type { Row } from "./tree";

export interface Cell {
  /** undefined: the task was not in this run. */
  state: string | undefined;
  /** Of what stands for several: how many are in which state, the worst first. */
  counts?: [string, number][];
}

export interface States {
  tasks: number[];
  mapped?: Record<string, Record<string, number>>;
}

const NOTHING: Cell = { state: undefined };
const known = new WeakMap<States, Map<string, Cell>>();

/** Return the cell of a row in a run; it is computed once, as long as the run stays as it is. */
export function cellOf(run: States, row: Row, names: readonly string[]): Cell {
  if (!row.isGroup && !row.isMapped) {
    const state = names[run.tasks[row.places[0] ?? -1] ?? -1];
    return state ? { state } : NOTHING;
  }
  const cells = known.get(run) ?? new Map<string, Cell>();
  known.set(run, cells);
  const found = cells.get(row.id) ?? counted(run, row, names);
  cells.set(row.id, found);
  return found;
}

function counted(run: States, row: Row, names: readonly string[]): Cell {
  const counts = new Map<string, number>();
  const mapped = row.isGroup ? undefined : run.mapped?.[row.id];
  if (mapped) Object.entries(mapped).forEach(([state, count]) => counts.set(state, count));
  else {
    for (const place of row.places) {
      const state = names[run.tasks[place] ?? -1];
      if (state) counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  const sorted = [...counts].sort(([a], [b]) => SEVERITY.indexOf(a) - SEVERITY.indexOf(b));
  const worst = sorted[0];
  if (!worst) return NOTHING;
  return mapped || row.isGroup ? { state: worst[0], counts: sorted } : { state: worst[0] };
}
