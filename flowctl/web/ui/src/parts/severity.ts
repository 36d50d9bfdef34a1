/** Which state stands for several: the first of these. */
export const SEVERITY = [
  "failed",
  "upstream_failed",
  "up_for_retry",
  "running",
  "restarting",
  "queued",
  "scheduled",
  "deferred",
  "up_for_reschedule",
  "none",
  "success",
  "skipped",
  "removed",
];
