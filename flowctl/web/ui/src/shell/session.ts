/** Who is logged in. */

import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";
import { cache, client, ENDED, ME, Refused, type Schemas, trust } from "@/api/client";

export type Me = Schemas["Me"];

async function ask(): Promise<Me | null> {
  try {
    const { data } = await client.GET("/me");
    trust(data?.csrf_token);
    return data ?? null;
  } catch (error) {
    if (error instanceof Refused && error.status === 401) return null;
    throw error;
  }
}

const WHO = { queryKey: ME, queryFn: ask, staleTime: Number.POSITIVE_INFINITY };

/** Ask who is logged in before the first page is drawn. */
export function askAhead(): void {
  void cache.prefetchQuery(WHO);
}

export function useMe() {
  return useQuery(WHO);
}

export async function logIn(username: string, password: string): Promise<void> {
  const { data } = await client.POST("/session", { body: { username, password } });
  trust(data?.csrf_token);
  cache.removeQueries({ queryKey: ENDED });
  cache.setQueryData(ME, data ?? null);
}

export async function logOut(): Promise<void> {
  await client.DELETE("/session");
  trust(null);
  cache.setQueryData(ME, null);
  cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== ME[0] });
}

/** Who is logged in, for what is below the shell: an observer in each row of a list costs too much. */
export const Mine = createContext<Me | null>(null);

/** Say whether the roles of who is logged in allow an action, such as ("can_edit", "Pools"). */
export function useMay(): (action: string, resource: string) => boolean {
  const me = useContext(Mine);
  return (action, resource) => me?.permissions[resource]?.includes(action) ?? false;
}

/** Say whether something may be done with a DAG: by the right on all, or on this one. */
export function useMayDag(
  dagId: string,
): (action: "can_read" | "can_edit" | "can_delete") => boolean {
  const may = useMay();
  return (action) => may(action, "DAGs") || may(action, `DAG:${dagId}`);
}
