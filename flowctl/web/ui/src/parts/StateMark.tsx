/** The mark of a state: a colour with a sign in it, so that no state is told by colour alone. */

import { useText } from "@/text/text";
import css from "./parts.module.css";

/** Paths in a box of 16. */
export const SIGNS: Record<string, string> = {
  success: "M4.5 8.5 7 11l4.5-5.5",
  failed: "M5 5l6 6M11 5l-6 6",
  upstream_failed: "M8 12V5M5 7.5 8 4.5l3 3",
  running: "M6 4.5v7l5.5-3.5z",
  skipped: "M4.5 5 8 8l-3.5 3M8.5 5 12 8l-3.5 3",
  up_for_retry: "M11.5 8a3.5 3.5 0 1 1-1.2-2.6M10.5 3v2.5H8",
  up_for_reschedule: "M8 5v3l2 1.5",
  queued: "M5 8h.01M8 8h.01M11 8h.01",
  scheduled: "M8 5v3h2.5",
  deferred: "M6 5v6M10 5v6",
  restarting: "M11.5 8a3.5 3.5 0 1 1-1.2-2.6M10.5 3v2.5H8",
  removed: "M5 8h6",
};

export function colour(state: string | null | undefined): string {
  return `var(--state-${state || "none"})`;
}

export function StateSign({
  state,
  size = 16,
}: {
  state: string | null | undefined;
  size?: number;
}) {
  const sign = SIGNS[state ?? ""];
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="4" fill={colour(state)} />
      {sign && (
        <path
          d={sign}
          fill="none"
          stroke={state === "running" ? "#0b3d1a" : "#fff"}
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      )}
    </svg>
  );
}

export function StateMark({ state }: { state: string | null | undefined }) {
  const text = useText();
  return (
    <span className={css.state}>
      <StateSign state={state} />
      {text.states[state || "none"] ?? state}
    </span>
  );
}
