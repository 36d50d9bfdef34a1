/** What the list is filtered by, as it stands in the address. */

export interface Filters {
  search?: string;
  state?: string;
  tag?: string;
  owner?: string;
  show?: "active" | "paused" | "favourites";
}

const SHOWN = ["active", "paused", "favourites"];

/** Read filters from an address that anybody may have written. */
export function filtersOf(found: Record<string, unknown>): Filters {
  const filters: Filters = {};
  for (const name of ["search", "state", "tag", "owner"] as const) {
    const value = found[name];
    if (value !== undefined && value !== "") filters[name] = String(value);
  }
  if (SHOWN.includes(String(found.show))) filters.show = found.show as NonNullable<Filters["show"]>;
  return filters;
}

/** Return the parameters with which the API is asked for such DAGs. */
export function asked(filters: Filters) {
  return {
    ...(filters.search ? { search: filters.search } : {}),
    ...(filters.state ? { state: [filters.state as "failed"] } : {}),
    ...(filters.tag ? { tags: [filters.tag] } : {}),
    ...(filters.owner ? { owners: [filters.owner] } : {}),
    ...(filters.show === "favourites" ? { only_favourites: true } : {}),
    ...(filters.show === "paused" ? { paused: true } : {}),
    ...(filters.show === "active" ? { paused: false } : {}),
  };
}

export function hasFilters(filters: Filters): boolean {
  return Object.keys(filters).length > 0;
}
