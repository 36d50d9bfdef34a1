/** The runs of a grid: read in pages; a run that moves is read again alone. */

import { type InfiniteData, infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { onMoved } from "@/api/live";
import { type Filter, queryOf } from "./filter";
import { merged } from "./runs";

export type GridRun = Schemas["GridRun"];
type Page = Schemas["Grid"];

// As many as a window shows, and of a huge DAG as many as are read at once: 10 of 5,000 tasks.
const FIRST = { limit: 30, cells_max: 50_000 };
const MORE = { limit: 50, cells_max: 150_000, nodes: false };
const REST_MS = 150; // between two readings while something moves all the time

async function read(dagId: string, query: object): Promise<Page> {
  const params = { path: { dag_id: dagId }, query };
  const { data } = await client.GET("/dags/{dag_id}/grid", { params });
  return data as Page;
}

function queryFor(dagId: string, filter: Filter) {
  return infiniteQueryOptions({
    queryKey: ["grid", dagId, filter],
    meta: { live: "own" },
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false, // what has not moved is shared by `merged`; to compare costs more
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      read(dagId, {
        ...queryOf(filter),
        ...(pageParam ? { ...MORE, before: pageParam } : FIRST),
      }),
    getNextPageParam: (last) => (last.has_more ? last.runs.at(-1)?.pk : undefined),
  });
}

/** Begin to read a grid before its page is there. */
export function readAhead(dagId: string, filter: Filter): void {
  void cache.prefetchInfiniteQuery(queryFor(dagId, filter));
}

export function useRuns(dagId: string, filter: Filter) {
  const options = useMemo(() => queryFor(dagId, filter), [dagId, filter]);
  const key = options.queryKey;
  const found = useInfiniteQuery(options);
  useEffect(() => catchUp(dagId, filter, key), [dagId, filter, key]);
  return found;
}

/** Read again what moves; return how to stop. */
function catchUp(dagId: string, filter: Filter, key: readonly unknown[]): () => void {
  const waiting = new Set<string>();
  let isReading = false;
  async function work(): Promise<void> {
    isReading = true;
    while (waiting.size > 0) {
      const asked = [...waiting];
      waiting.clear();
      await again(dagId, filter, key, asked);
      await new Promise((done) => setTimeout(done, REST_MS));
    }
    isReading = false;
  }
  return onMoved((moved) => {
    for (const one of moved) if (one.dag_id === dagId) waiting.add(one.run_id);
    if (!isReading) void work();
  });
}

async function again(
  dagId: string,
  filter: Filter,
  key: readonly unknown[],
  asked: string[],
): Promise<void> {
  const answer = await read(dagId, {
    ...queryOf(filter),
    run_id: asked,
    limit: asked.length,
    nodes: false,
  }).catch(() => undefined);
  const before = cache.getQueryData<InfiniteData<Page>>(key);
  if (!answer || !before) return;
  if (answer.version !== before.pages[0]?.version) {
    await cache.invalidateQueries({ queryKey: key });
    return;
  }
  cache.setQueryData(key, { ...before, pages: merged(before.pages, asked, answer.runs) });
}
