/** What a tab keeps in its address beside the selection: which version, which year, which filter. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

type Search = Record<string, unknown>;

/** Return what `read` finds in the address, and how to change a part of it. */
export function useKept<T extends object>(read: (search: Search) => T): [T, (next: T) => void] {
  const kept = useSearch({
    strict: false,
    select: (search: Search) => read(search),
    structuralSharing: true,
  } as never) as T;
  const navigate = useNavigate();
  const keep = useCallback(
    (next: T) =>
      void navigate({
        to: ".",
        search: ((old: object) => ({ ...old, ...next })) as never,
        replace: true,
      }),
    [navigate],
  );
  return [kept, keep];
}

/** Read a whole number that is at least 1. */
export function numberIn(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number >= 1 ? number : undefined;
}

/** Read a text that is not empty. */
export function textIn(value: unknown): string | undefined {
  return value ? String(value) : undefined;
}
