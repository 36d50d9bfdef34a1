/** What a list of administration keeps in its address: what is searched, and what is open. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

export interface Address {
  search?: string | undefined;
  /** The name of the record whose form is open. */
  edit?: string | undefined;
  /** The form of a new record is open. */
  add?: true | undefined;
}

/** Read an address from the parameters of a link. */
export function addressOf({ search, edit, add }: Record<string, unknown>): Address {
  return {
    ...(search ? { search: String(search) } : {}),
    ...(edit === undefined ? {} : { edit: String(edit) }),
    ...(add ? { add: true as const } : {}),
  };
}

/** Return the address, and how to change parts of it. */
export function useAddress(): [Address, (next: Address) => void] {
  const address = useSearch({ strict: false, select: addressOf, structuralSharing: true });
  const navigate = useNavigate();
  const go = useCallback(
    (next: Address) =>
      void navigate({
        to: ".",
        search: ((old: object) => addressOf({ ...old, ...next })) as never,
        replace: true,
      }),
    [navigate],
  );
  return [address, go];
}

export const CLOSED: Address = { edit: undefined, add: undefined };
