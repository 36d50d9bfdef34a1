/** The runs of a grid: read in pages; a run that moves is read again alone. */

import { type InfiniteData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { onMoved } from "@/api/live";
import { type Filter, queryOf } from "./filter";
import { merged } from "./runs";

export type GridRun = Schemas["GridRun"];
type Page = Schemas["Grid"];

const FIRST = 30; // about as many as a window shows
const MORE = 50;
const REST_MS = 150; // between two readings while something moves all the time

async function read(dagId: string, query: object): Promise<Page> {
  const params = { path: { dag_id: dagId }, query };
  const { data } = await client.GET("/dags/{dag_id}/grid", { params });
  return data as Page;
}

export function useRuns(dagId: string, filter: Filter) {
  const key = useMemo(() => ["grid", dagId, filter], [dagId, filter]);
  const found = useInfiniteQuery({
    queryKey: key,
    meta: { live: "own" },
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      read(dagId, {
        ...queryOf(filter),
        limit: pageParam ? MORE : FIRST,
        ...(pageParam ? { before: pageParam } : {}),
      }),
    getNextPageParam: (last) => (last.has_more ? last.runs.at(-1)?.pk : undefined),
  });
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
  }).catch(() => undefined);
  const before = cache.getQueryData<InfiniteData<Page>>(key);
  if (!answer || !before) return;
  if (answer.version !== before.pages[0]?.version) {
    await cache.invalidateQueries({ queryKey: key });
    return;
  }
  cache.setQueryData(key, { ...before, pages: merged(before.pages, asked, answer.runs) });
}
