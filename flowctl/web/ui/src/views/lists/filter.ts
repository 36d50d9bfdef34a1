/** Which runs and tasks are listed; in the address. */

export interface Filter {
  state?: string;
  search?: string;
  pool?: string;
}

/** Read the filters of an address; empty ones are none. */
export function filterOf(search: Record<string, unknown>): Filter {
  const found: Filter = {};
  for (const name of ["state", "search", "pool"] as const) {
    if (search[name] !== undefined && search[name] !== "") found[name] = String(search[name]);
  }
  return found;
}
