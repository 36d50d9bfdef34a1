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

interface Retention {
  age: Span | null;
  runs: number | null;
  log_age: Span | null;
  log_bytes: number | null;
}

interface KeptWords {
  settingOf: string;
  kept: {
    runs: (count: string) => string;
    age: (span: string) => string;
    logAge: (span: string) => string;
    logBytes: (size: string) => string;
  };
  noLimit: string;
}

/** Return in words how much history a DAG keeps: what its file says, else that the configuration does. */
export function keptOf(found: Retention | null, { settingOf, kept, noLimit }: KeptWords): string {
  const spanned = (span: Span) => {
    const words = spanOf(span);
    return words === spanOf({ days: 0, seconds: 0, microseconds: 0 }) ? noLimit : words;
  };
  const { age = null, runs = null, log_age = null, log_bytes = null } = found ?? {};
  const parts = [
    age && kept.age(spanned(age)),
    runs !== null && kept.runs(runs === 0 ? noLimit : String(runs)),
    log_age && kept.logAge(spanned(log_age)),
    log_bytes !== null &&
      kept.logBytes(log_bytes === 0 ? noLimit : `${Math.ceil(log_bytes / 2 ** 20)} MiB`),
  ];
  return parts.filter(Boolean).join(", ") || settingOf;
}
