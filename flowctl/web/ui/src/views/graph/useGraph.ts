/** What the graph of a DAG is made from: its tasks as a run has them, states, assets at its ends. */

import { useMemo } from "react";
import { api, type Schemas } from "@/api/client";
import type { End } from "./scene";

const RUNS_SHOWN = 100;

export function useGraph(dagId: string, chosen: string | undefined) {
  const path = { dag_id: dagId };
  const runs = api.useQuery("get", "/dags/{dag_id}/dagRuns", {
    params: { path, query: { limit: RUNS_SHOWN, order_by: "-execution_date" } },
  });
  const listed = (runs.data as Schemas["DAGRunCollection"] | undefined)?.dag_runs ?? [];
  const runId = chosen ?? listed[0]?.dag_run_id ?? undefined;
  const states = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/states",
    { params: { path: { ...path, dag_run_id: runId ?? "" } } },
    { enabled: Boolean(runId) },
  );
  const version = states.data?.version;
  const isKnown = runId ? !states.isPending : !runs.isPending;
  const graph = api.useQuery(
    "get",
    "/dags/{dag_id}/graph",
    { params: { path, query: version ? { version } : {} } },
    { enabled: isKnown, placeholderData: (before) => before },
  );
  const assets = api.useQuery("get", "/datasets", {
    params: { query: { dag_ids: [dagId], limit: RUNS_SHOWN } },
  });
  const ends = useMemo(
    () =>
      (assets.data?.datasets ?? []).flatMap((asset): End[] => [
        ...asset.consuming_dags
          .filter((dag) => dag.dag_id === dagId)
          .map(() => ({ uri: asset.uri })),
        ...asset.producing_tasks
          .filter((task) => task.dag_id === dagId)
          .map((task) => ({ uri: asset.uri, task: task.task_id })),
      ]),
    [assets.data, dagId],
  );
  return { graph, runs: listed, states: states.data, ends };
}
