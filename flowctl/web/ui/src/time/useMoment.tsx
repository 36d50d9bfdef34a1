/** Moments in the chosen time zone, and a clock for what has not ended. */

import { useEffect, useState } from "react";
import { useSettings } from "@/settings/settings";
import { moment } from "./moments";

/** Return a function that words a moment; "" for one that has not come. */
export function useMoment(): (iso: string | null | undefined) => string {
  const { zone } = useSettings();
  return (iso) => (iso ? moment(iso, zone) : "");
}

/** Return the time now in ms, anew each `everyMs` while something runs. */
export function useNow(isRunning: boolean, everyMs = 1000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [isRunning, everyMs]);
  return now;
}

/** Show a moment; what a machine needs of it is in the element, too. */
export function Moment({ at }: { at: string | null | undefined }) {
  const worded = useMoment();
  return at ? <time dateTime={at}>{worded(at)}</time> : null;
}
