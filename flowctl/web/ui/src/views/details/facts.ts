/** What the details of a DAG say, in forms that people read. */

import { duration } from "@/time/moments";

interface Span {
  days: number;
  seconds: number;
  microseconds: number;
}

/** Return a span of the API as "1d 2h". */
export function spanOf({ days, seconds, microseconds }: Span): string {
  return duration(days * 86400 + seconds + microseconds / 1e6);
}

/** Return what a schedule is written as: a cron expression, or a span; null without one. */
export function expressionOf(schedule: unknown): string | null {
  if (typeof schedule !== "object" || schedule === null) return null;
  if ("value" in schedule) return String(schedule.value);
  return "days" in schedule ? spanOf(schedule as Span) : null;
}

/** Return the types that a Param may have, in words. */
export function typeOf(schema: { type?: unknown; enum?: unknown[]; format?: unknown }): string {
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  const types = [schema.type ?? []].flat().map(String).join(" | ");
  return [types, schema.format].filter(Boolean).map(String).join(", ");
}
