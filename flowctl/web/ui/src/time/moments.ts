/** Moments and durations as people read them. Nothing here reads a clock or a setting. */

const UNITS: [number, string][] = [
  [86400, "d"],
  [3600, "h"],
  [60, "m"],
  [1, "s"],
];

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("sv-SE", {
    ...(zone === "local" ? {} : { timeZone: zone }),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  formats.set(zone, made);
  return made;
}

/** Return "2026-02-01 03:04:05" as clocks in the zone show it; zone is "local" or an IANA name. */
export function moment(iso: string, zone: string): string {
  // The browser's own formats take tens of milliseconds to load; most people need none of them.
  if (zone === "UTC") return new Date(iso).toISOString().slice(0, 19).replace("T", " ");
  return formatOf(zone).format(new Date(iso));
}

/** Return seconds as "1d 2h", "3m 5s", "4.2s" or "80ms": two units at most. */
export function duration(seconds: number): string {
  if (seconds < 0) return `-${duration(-seconds)}`;
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  let left = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count}${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(" ");
}

/** Return how many seconds lie between two moments; a missing end is `now`, in ms. */
export function between(start: string, end: string | null | undefined, now: number): number {
  return ((end ? Date.parse(end) : now) - Date.parse(start)) / 1000;
}
