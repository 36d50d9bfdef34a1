/** Which XComs are listed: what their names contain. In the address. */

export const PARTS = ["dag_id", "run_id", "task_id", "key"] as const;
export type Filters = Partial<Record<(typeof PARTS)[number], string>>;

/** Read the filters of an address; empty ones are none. */
export function filtersOf(search: Record<string, unknown>): Filters {
  return Object.fromEntries(
    PARTS.filter((name) => search[name] !== undefined && search[name] !== "").map((name) => [
      name,
      String(search[name]),
    ]),
  );
}

const SHORT = 60; // characters that a row shows of a value

/** Return the line that stands for a value, and whether there is more of it. */
export function line(value: string): { text: string; isLong: boolean } {
  return { text: value.slice(0, SHORT), isLong: value.length > SHORT };
}

/** Return a value as one reads it: JSON with its lines, or the text it was cut to. */
export function readable(value: string): string {
  try {
    const found: unknown = JSON.parse(value);
    return typeof found === "string" ? found : JSON.stringify(found, null, 2);
  } catch {
    return value;
  }
}
