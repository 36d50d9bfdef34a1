/** What a person is about to do to runs and tasks; a dialog asks before it is done. */

import { createContext, useContext } from "react";

/** Tasks of one run; none named: the run as a whole. */
export interface Target {
  run: string;
  tasks: string[];
  /** Which instance of a mapped task; undefined: all of them. */
  map?: number | undefined;
}

export type Deed =
  | { kind: "clear" | "success" | "failed"; targets: Target[] }
  | { kind: "trigger"; conf?: Record<string, unknown> | undefined };

export const Deeds = createContext<(deed: Deed) => void>(() => {});

/** Return the function that asks about a deed. */
export function useDeed(): (deed: Deed) => void {
  return useContext(Deeds);
}
