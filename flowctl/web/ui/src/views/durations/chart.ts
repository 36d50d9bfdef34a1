/** How long runs took, as bars: heights, the median, and which bars belong to a task. */

export interface Times {
  run_id: string;
  logical_date: string;
  state: string;
  run_type: string;
  queued_s: number | null;
  run_s: number | null;
  landing_s: number | null;
}

export interface TaskTimes {
  task_id: string;
  run_s: (number | null)[];
  landing_s: (number | null)[];
}

/** One bar: its parts from the bottom up, in seconds; null for what has not ended. */
export interface Bar {
  run: Times;
  waited: number | null;
  ran: number | null;
  landed: number | null;
}

/** Return a bar for each run; those of a task, if one is given. A task's time in queues is its run's. */
export function barsOf(runs: readonly Times[], task: TaskTimes | undefined): Bar[] {
  return runs.map((run, at) => ({
    run,
    waited: task ? null : run.queued_s,
    ran: task ? (task.run_s[at] ?? null) : run.run_s,
    landed: task ? (task.landing_s[at] ?? null) : run.landing_s,
  }));
}

/** Return the middle of the values that are there; null without any. */
export function medianOf(values: readonly (number | null)[]): number | null {
  const there = values.filter((value) => value !== null).sort((one, other) => one - other);
  if (there.length === 0) return null;
  const half = Math.floor(there.length / 2);
  const upper = there[half] as number;
  return there.length % 2 ? upper : (upper + (there[half - 1] as number)) / 2;
}

const STEPS = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900,
  1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 7776000, 31536000,
];
const LINES = 5;

/** Return the heights of lines from 0 on, in seconds; the last is at or above the highest bar. */
export function linesTo(most: number): number[] {
  const step = STEPS.find((one) => most / one <= LINES) ?? most / LINES;
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, at) => at * step);
}

/** Return the highest of the values; 0 without any above it. */
export function mostOf(values: readonly (number | null)[]): number {
  return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
