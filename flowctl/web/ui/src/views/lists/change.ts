/** What an entry of the audit log says: from what to what, and what else. */

export interface Change {
  moved?: { before: string; after: string };
  /** All that is no "before" and "after", as JSON; "" for nothing. */
  rest: string;
}

const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Take the JSON of an entry apart; what is no JSON stays as it is. */
export function changeOf(extra: string | null): Change {
  if (!extra) return { rest: "" };
  try {
    const found = JSON.parse(extra) as unknown;
    if (typeof found !== "object" || found === null || Array.isArray(found)) return { rest: extra };
    const { before, after, ...others } = found as Record<string, unknown>;
    if (before === undefined && after === undefined) return { rest: extra };
    return {
      moved: { before: text(before ?? null), after: text(after ?? null) },
      rest: Object.keys(others).length > 0 ? JSON.stringify(others) : "",
    };
  } catch {
    return { rest: extra };
  }
}
