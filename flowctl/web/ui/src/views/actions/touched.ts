/** What a deed touches, as a list that people read. */

import type { Schemas } from "@/api/client";

export type Touched = Schemas["TaskReference"];

export interface TouchedTask extends Touched {
  /** How many instances of it: more than one when it is mapped. */
  count: number;
}

/** Return what is touched with the instances of a mapped task as one, in the order found. */
export function tasksOf(touched: readonly Touched[]): TouchedTask[] {
  const found = new Map<string, TouchedTask>();
  for (const one of touched) {
    const key = JSON.stringify([one.dag_id, one.dag_run_id, one.task_id]);
    found.set(key, { ...one, count: (found.get(key)?.count ?? 0) + 1 });
  }
  return [...found.values()];
}
