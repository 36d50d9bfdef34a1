/** After a deed the pages read again what it may have changed. */

import { cache } from "@/api/client";

/** Read again what is shown; grids follow the live stream, unless something went that it cannot tell. */
export function readAgain(hasGone = false): Promise<void> {
  return cache.invalidateQueries({ predicate: ({ meta }) => hasGone || meta?.live !== "own" });
}
