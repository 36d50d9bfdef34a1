/** How long something took, or has been taking. */

import { between, duration } from "@/time/moments";

interface Timed {
  start_date?: string | null;
  end_date?: string | null;
}

/** Return its duration in words; "" for what has not begun. `now` is in ms. */
export function took(it: Timed, now: number): string {
  return it.start_date ? duration(between(it.start_date, it.end_date, now)) : "";
}
