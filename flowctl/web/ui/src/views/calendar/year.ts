/** A year as weeks of seven days, and what a day of runs looks like. */

export interface Day {
  /** "2026-02-01", in UTC. */
  date: string;
  queued: number;
  running: number;
  success: number;
  failed: number;
  planned: number;
}

export type State = "failed" | "running" | "queued" | "success";

/** Which state stands for a day: the first of these that one of its runs has. */
const WORST: State[] = ["failed", "running", "queued", "success"];
const DAY_MS = 86_400_000;
export const DAYS = 7;

/** Return the dates of a year by week, from Monday on; null where a week lies in another year. */
export function weeksOf(year: number): (string | null)[][] {
  const start = Date.UTC(year, 0, 1);
  const before = (new Date(start).getUTCDay() + 6) % DAYS;
  const count = (Date.UTC(year + 1, 0, 1) - start) / DAY_MS;
  const dates: (string | null)[] = [
    ...Array.from({ length: before }, () => null),
    ...Array.from({ length: count }, (_, at) =>
      new Date(start + at * DAY_MS).toISOString().slice(0, 10),
    ),
  ];
  return Array.from({ length: Math.ceil(dates.length / DAYS) }, (_, week) =>
    Array.from({ length: DAYS }, (_, day) => dates[week * DAYS + day] ?? null),
  );
}

/** Return the months that begin in which week: the first column of each. */
export function monthsOf(weeks: readonly (string | null)[][]): { month: number; span: number }[] {
  const firsts = weeks.flatMap((week, at) =>
    week.some((date) => date?.endsWith("-01")) ? [at] : [],
  );
  return firsts.map((at, month) => ({ month, span: (firsts[month + 1] ?? weeks.length) - at }));
}

/** Return the worst state of a day's runs; undefined without a run. */
export function worstOf(day: Day): State | undefined {
  return WORST.find((state) => day[state] > 0);
}

export function runsOf(day: Day): number {
  return WORST.reduce((sum, state) => sum + day[state], 0);
}

/** Return how many runs of a year are in which state, the worst first, and how many are planned. */
export function sumsOf(days: readonly Day[]): { state: State | "planned"; count: number }[] {
  return [...WORST, "planned" as const]
    .map((state) => ({ state, count: days.reduce((sum, day) => sum + day[state], 0) }))
    .filter(({ count }) => count > 0);
}
