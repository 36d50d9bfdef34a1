/** The DAG that a page is about. */

import { useParams } from "@tanstack/react-router";
import { api, type Schemas, untilThere } from "@/api/client";

export type Dag = Schemas["DAGDetail"];

/** Return the id in the address. */
export function useDagId(): string {
  return useParams({ strict: false, select: (params) => params.dagId ?? "" });
}

export function useDag(dagId: string) {
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/details",
    { params: { path: { dag_id: dagId } } },
    untilThere,
  );
  return { ...found, data: found.data as Dag | undefined };
}

/** Say whether a DAG has no schedule; until that is known it seems to have one. */
export function useHasNoSchedule(dagId: string): boolean {
  return useDag(dagId).data?.schedule_interval === null;
}
