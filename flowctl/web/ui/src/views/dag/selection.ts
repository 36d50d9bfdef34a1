/** What is selected on a page of a DAG: a run, a task in it, one of its instances. In the address. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface Selection {
  run?: string | undefined;
  task?: string | undefined;
  /** Which instance of a mapped task. */
  map?: number | undefined;
  /** Which part of the panel is shown: "log", "xcom" ... */
  panel?: string | undefined;
  /** Which try's log. */
  try?: number | undefined;
}

function text(value: unknown): string | undefined {
  return value === undefined || value === null || value === "" ? undefined : String(value);
}

function count(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isInteger(number) && number >= 0 ? number : undefined;
}

/** Read a selection from the parameters of an address. */
export function selectionOf(search: Record<string, unknown>): Selection {
  return {
    run: text(search.run),
    task: text(search.task),
    map: count(search.map),
    panel: text(search.panel),
    try: count(search.try),
  };
}

export const NOTHING: Selection = {
  run: undefined,
  task: undefined,
  map: undefined,
  panel: undefined,
  try: undefined,
};

/** Return what is selected, and how to select something else.
 *
 * What `select` is not given stays: another run keeps the task, another task the run. A new task
 * or run begins with no instance and no try chosen.
 */
export function useSelection(): [Selection, (next: Selection) => void] {
  const search = useSearch({ strict: false, select: selectionOf, structuralSharing: true });
  const navigate = useNavigate();
  const select = useCallback(
    (next: Selection) => {
      const isOther = "run" in next || "task" in next;
      void navigate({
        to: ".",
        search: ((old: object) => ({
          ...old,
          ...(isOther ? { map: undefined, try: undefined } : {}),
          ...next,
        })) as never,
        replace: true,
      });
    },
    [navigate],
  );
  return [search, select];
}
