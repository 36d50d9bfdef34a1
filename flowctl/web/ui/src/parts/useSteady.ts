/** A function that stays the same from one rendering to the next, for parts that are memoised. */

import { useCallback, useLayoutEffect, useRef } from "react";

/** Return a function that does what the latest `deed` does. Not to be called while rendering. */
export function useSteady<A extends unknown[]>(deed: (...given: A) => void): (...given: A) => void {
  const latest = useRef(deed);
  useLayoutEffect(() => {
    latest.current = deed;
  });
  return useCallback((...given: A) => latest.current(...given), []);
}
