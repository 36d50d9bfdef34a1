/** Where the selection is on the board, how keys move it, and what a rectangle of it means. */

import type { Target } from "@/views/actions/deeds";
import type { Span } from "./scale";
import type { Row } from "./tree";

/** A row and a column; row -1 is the head of a run. */
export interface Corner {
  row: number;
  column: number;
}

export interface Rectangle {
  rows: Span;
  columns: Span;
}

interface HasRunId {
  run_id: string;
}

/** Return where a run, or a row in it, stands; undefined when the run is not on the board. */
export function corner(
  rows: readonly Row[],
  runs: readonly HasRunId[],
  run: string | undefined,
  id: string | undefined,
): Corner | undefined {
  const column = runs.findIndex((one) => one.run_id === run);
  if (column < 0) return undefined;
  return { row: id === undefined ? -1 : rows.findIndex((row) => row.id === id), column };
}

const MOVES: Record<string, [number, number]> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  PageUp: [-20, 0],
  PageDown: [20, 0],
  Home: [0, Number.NEGATIVE_INFINITY],
  End: [0, Number.POSITIVE_INFINITY],
};

/** Return where a key moves to; undefined: it is no key that moves. */
export function moved(
  key: string,
  from: Corner,
  rows: number,
  columns: number,
): Corner | undefined {
  const move = MOVES[key];
  if (!move || columns === 0) return undefined;
  return {
    row: Math.max(-1, Math.min(rows - 1, from.row + move[0])),
    column: Math.max(0, Math.min(columns - 1, from.column + move[1])),
  };
}

/** Return the rectangle between two corners; with a run's head in it, these runs as a whole. */
export function rectangle(cursor: Corner | undefined, anchor: Corner | undefined) {
  if (!cursor) return undefined;
  const other = anchor ?? cursor;
  const first = Math.min(cursor.row, other.row);
  return {
    rows: { first: Math.max(0, first), end: first < 0 ? 0 : Math.max(cursor.row, other.row) + 1 },
    columns: {
      first: Math.min(cursor.column, other.column),
      end: Math.max(cursor.column, other.column) + 1,
    },
  };
}

/** Return the tasks of runs that a rectangle holds; groups stand for what is in them. */
export function targetsOf(
  chosen: Rectangle,
  rows: readonly Row[],
  runs: readonly HasRunId[],
  { map }: { map?: number | undefined },
): Target[] {
  const inside = rows.slice(chosen.rows.first, chosen.rows.end);
  const tasks = [...new Set(inside.flatMap((row) => row.tasks))];
  return runs
    .slice(chosen.columns.first, chosen.columns.end)
    .map((run) => ({ run: run.run_id, tasks, ...(tasks.length === 1 ? { map } : {}) }));
}
