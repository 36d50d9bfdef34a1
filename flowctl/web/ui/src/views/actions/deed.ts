/** What clearing and marking ask of the API: first what it would touch, then the same for real. */

import { client } from "@/api/client";
import type { Target } from "./deeds";
import type { Touched } from "./touched";

export type Kind = "clear" | "success" | "failed";

export interface Options {
  include_past: boolean;
  include_future: boolean;
  include_upstream: boolean;
  include_downstream: boolean;
  only_failed: boolean;
  include_subdags: boolean;
}

export const PLAIN: Options = {
  include_past: false,
  include_future: false,
  include_upstream: false,
  include_downstream: false,
  only_failed: false,
  include_subdags: false,
};

/** Return which options make sense. */
export function optionsOf(kind: Kind, targets: readonly Target[]): (keyof Options)[] {
  const hasTasks = targets.some((target) => target.tasks.length > 0);
  const isInstance = targets.some((target) => target.map !== undefined);
  const around: (keyof Options)[] = ["include_past", "include_future"];
  const along: (keyof Options)[] = ["include_upstream", "include_downstream"];
  if (kind !== "clear") return hasTasks && !isInstance ? [...around, ...along] : [];
  return [...around, ...(hasTasks ? along : []), "only_failed", "include_subdags"];
}

/** Do it, or with `dry_run` say what it would touch. */
export async function perform(
  dagId: string,
  kind: Kind,
  targets: readonly Target[],
  options: Options,
  dry_run: boolean,
): Promise<Touched[]> {
  const touched = new Map<string, Touched>();
  for (const target of targets) {
    const found = await (kind === "clear"
      ? clear(dagId, target, options, dry_run)
      : mark(dagId, target, kind, options, dry_run));
    for (const one of found) {
      const key = JSON.stringify([one.dag_id, one.dag_run_id, one.task_id]);
      // Instances of a mapped task come as often as they are; two targets may touch the same.
      touched.set(targets.length > 1 ? key : `${key} ${touched.size}`, one);
    }
  }
  return [...touched.values()];
}

async function clear(dagId: string, target: Target, options: Options, dry_run: boolean) {
  const { data } = await client.POST("/dags/{dag_id}/clearTaskInstances", {
    params: { path: { dag_id: dagId } },
    body: {
      ...options,
      dry_run,
      dag_run_id: target.run,
      task_ids: target.tasks.length > 0 ? target.tasks : null,
      map_index: target.map ?? null,
      only_running: false,
      include_parentdag: false,
      reset_dag_runs: true,
      start_date: null,
      end_date: null,
    },
  });
  return data?.task_instances ?? [];
}

async function mark(
  dagId: string,
  target: Target,
  new_state: "success" | "failed",
  options: Options,
  dry_run: boolean,
): Promise<Touched[]> {
  const { only_failed, include_subdags, ...around } = options;
  void [only_failed, include_subdags];
  if (target.tasks.length === 0) return markRun(dagId, target.run, new_state, dry_run);
  if (target.map !== undefined) return markInstance(dagId, target, new_state, dry_run);
  const found: Touched[] = [];
  for (const task_id of target.tasks) {
    const { data } = await client.POST("/dags/{dag_id}/updateTaskInstancesState", {
      params: { path: { dag_id: dagId } },
      body: {
        ...around,
        task_id,
        dag_run_id: target.run,
        new_state,
        dry_run,
        execution_date: null,
      },
    });
    found.push(...(data?.task_instances ?? []));
  }
  return found;
}

async function markRun(
  dagId: string,
  run: string,
  state: "success" | "failed",
  dry_run: boolean,
): Promise<Touched[]> {
  const path = { dag_id: dagId, dag_run_id: run };
  if (!dry_run)
    await client.PATCH("/dags/{dag_id}/dagRuns/{dag_run_id}", {
      params: { path },
      body: { state },
    });
  return [];
}

async function markInstance(
  dagId: string,
  target: Target,
  new_state: "success" | "failed",
  dry_run: boolean,
): Promise<Touched[]> {
  const path = { dag_id: dagId, dag_run_id: target.run, task_id: target.tasks[0] ?? "" };
  const { data } = await client.PATCH(
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}",
    {
      params: { path: { ...path, map_index: target.map ?? -1 } },
      body: { new_state, dry_run },
    },
  );
  return data ? [data] : [];
}
