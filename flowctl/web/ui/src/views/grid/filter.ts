/** Which runs and tasks a grid shows; a part of its address. */

export interface Filter {
  state?: string | undefined;
  type?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** Only this task or group. */
  root?: string | undefined;
}

const NAMES = ["state", "type", "from", "to", "root"] as const;

/** Read a filter from the parameters of an address. */
export function filterOf(search: Record<string, unknown>): Filter {
  return Object.fromEntries(
    NAMES.map((name) => [name, search[name] ? String(search[name]) : undefined]),
  );
}

/** Return the parameters of the grid route that a filter means; days are whole, and in UTC. */
export function queryOf(filter: Filter) {
  return {
    ...(filter.state ? { state: [filter.state] } : {}),
    ...(filter.type ? { run_type: [filter.type] } : {}),
    ...(filter.from ? { logical_date_gte: `${filter.from}T00:00:00Z` } : {}),
    ...(filter.to ? { logical_date_lte: `${filter.to}T23:59:59.999Z` } : {}),
    ...(filter.root ? { root: filter.root } : {}),
  };
}
