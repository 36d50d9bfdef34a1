/** What is done to many runs or tasks at once: first what it would touch, then the same for real. */

import { client, type Schemas } from "@/api/client";

export type Action = "clear" | "success" | "failed" | "delete";
export type Run = Schemas["DAGRun"];
export type Task = Schemas["TaskInstance"];

export interface Around {
  include_upstream: boolean;
  include_downstream: boolean;
  only_failed: boolean;
}

export const ALONE: Around = {
  include_upstream: false,
  include_downstream: false,
  only_failed: false,
};

/** One run or task that is touched, with the state it has before. */
export interface Touched {
  name: string;
  place: string;
  state: string;
}

/** How many runs, or tasks, are asked about. */
export type Perform = (action: Action, around: Around, dry_run: boolean) => Promise<Touched[]>;

export function onRuns(runs: Run[]): Perform {
  return async (action, _around, dry_run) => {
    const items = runs.map(({ dag_id, dag_run_id }) => ({ dag_id, dag_run_id: dag_run_id ?? "" }));
    const { data } = await client.POST("/ui/bulk/dagRuns", { body: { action, items, dry_run } });
    return (data?.dag_runs ?? []).map((one) => ({
      name: one.dag_run_id,
      place: one.dag_id,
      state: one.state,
    }));
  };
}

export function onTasks(tasks: Task[]): Perform {
  return async (action, around, dry_run) => {
    if (action === "delete") return []; // task instances go with their run
    const items = tasks.map(({ dag_id, dag_run_id, task_id, map_index }) => ({
      dag_id,
      dag_run_id,
      task_id,
      map_index,
    }));
    const { data } = await client.POST("/ui/bulk/taskInstances", {
      body: { action, items, dry_run, ...around },
    });
    return (data?.task_instances ?? []).map((one) => ({
      name: one.map_index < 0 ? one.task_id : `${one.task_id} [${one.map_index}]`,
      place: `${one.dag_id} · ${one.dag_run_id}`,
      state: one.state,
    }));
  };
}
