/** The last runs of a DAG as bars: heights by duration, the longest run fills the box. */

import { between } from "@/time/moments";

const LEAST = 0.18;

interface Run {
  start_date: string | null;
  end_date: string | null;
}

/** Return the height of each bar, from 0 to 1; what has not started has the least. */
export function heights(runs: readonly Run[], now: number): number[] {
  const seconds = runs.map((run) =>
    run.start_date ? between(run.start_date, run.end_date, now) : 0,
  );
  const most = Math.max(...seconds, 0);
  // The square root keeps short runs visible beside one that took a hundred times as long.
  return seconds.map((one) =>
    most > 0 ? LEAST + (1 - LEAST) * Math.sqrt(Math.max(one, 0) / most) : LEAST,
  );
}
