/** The pages of the list, one after the other as one scrolls. */

import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, cache, client, type Schemas } from "@/api/client";
import { regret, said } from "@/parts/toasts";
import { asked, type Filters } from "./filters";

export type Entry = Schemas["DagListEntry"];

const FIRST = 40; // more than a window shows; the server reads them ahead (flowctl/web/ahead.py)
const PAGE = 100;
const LOOK_EVERY_MS = 10_000; // files come and go without a run that moves
const KEY = ["get", "/ui/dags"];

/** What is asked for with these filters, page by page. */
export function listOf(filters: Filters) {
  return infiniteQueryOptions({
    queryKey: [...KEY, filters],
    meta: { live: "any" },
    initialPageParam: 0,
    queryFn: async ({ pageParam, signal }) => {
      const limit = pageParam === 0 ? FIRST : PAGE;
      const query = { ...asked(filters), limit, offset: pageParam };
      const { data } = await client.GET("/ui/dags", { params: { query }, signal });
      return data as Schemas["DagList"];
    },
    getNextPageParam: (last, pages) => {
      const read = pages.reduce((sum, page) => sum + page.dags.length, 0);
      return read < last.total_entries ? read : undefined;
    },
  });
}

export function useDagList(filters: Filters) {
  return useInfiniteQuery({
    ...listOf(filters),
    placeholderData: (before) => before,
    // Who scrolled far reads what moves, not everything again and again.
    refetchInterval: ({ state }) => (state.data?.pages.length === 1 ? LOOK_EVERY_MS : false),
  });
}

export function useChoices() {
  return api.useQuery("get", "/ui/dagChoices", {}, { meta: { live: "any" } });
}

async function changed(): Promise<void> {
  await Promise.all([
    cache.invalidateQueries({ queryKey: KEY }),
    cache.invalidateQueries({ queryKey: ["get", "/ui/dagChoices"] }),
  ]);
}

/** Do something with a DAG, say what was done, and read the list anew. */
export async function act(deed: () => Promise<unknown>, done?: string): Promise<void> {
  try {
    await deed();
    if (done) said(done);
  } catch (error) {
    regret(error);
  }
  await changed();
}

export const pause = (dag_id: string, is_paused: boolean) =>
  client.PATCH("/dags/{dag_id}", {
    params: { path: { dag_id }, query: { update_mask: ["is_paused"] } },
    body: { is_paused, drain: false },
  });

export const favour = (dag_id: string, isFavourite: boolean) =>
  isFavourite
    ? client.PUT("/dags/{dag_id}/favourite", { params: { path: { dag_id } } })
    : client.DELETE("/dags/{dag_id}/favourite", { params: { path: { dag_id } } });
