/** Task instances of all DAGs, the latest first. */

import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { X } from "lucide-react";
import { useState } from "react";
import { client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { Moment, useNow } from "@/time/useMoment";
import { BulkBar } from "./Bulk";
import { onTasks, type Task } from "./bulk";
import { type Filter, filterOf } from "./filter";
import { StateChoice } from "./StateChoice";
import { took } from "./took";
import { words } from "./words";

const TICK_MS = 2_000;

export function Tasks() {
  const text = useWords(words);
  const { nav, states } = useText();
  const now = useNow(true, TICK_MS);
  const { state = "", search = "", pool = "" } = useSearch({ from: "/tasks" });
  const navigate = useNavigate({ from: "/tasks" });
  const [chosen, setChosen] = useState<ReadonlyMap<string, Task>>(new Map());
  const filter = (next: Filter) =>
    void navigate({ search: filterOf({ state, search, pool, ...next }), replace: true });
  return (
    <ListPage<Task>
      title={nav.taskInstances}
      queryKey={["task instances", state, search, pool]}
      empty={state || search || pool ? text.empty.noTasks : text.empty.tasks}
      chosen={{ rows: chosen, set: setChosen }}
      above={
        chosen.size > 0 && (
          <BulkBar
            what="tasks"
            count={chosen.size}
            perform={onTasks([...chosen.values()])}
            onDone={() => setChosen(new Map())}
          />
        )
      }
      keyOf={(task) => `${task.dag_id} ${task.dag_run_id} ${task.task_id} ${task.map_index}`}
      read={async (page) => {
        const query = {
          ...page,
          order_by: "-start_date",
          ...(state ? { state: [state] } : {}),
          ...(search ? { search } : {}),
          ...(pool ? { pool: [pool] } : {}),
        };
        const { data } = await client.GET("/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances", {
          params: { path: { dag_id: "~", dag_run_id: "~" }, query: query as never },
        });
        const found = data as Schemas["TaskInstanceCollection"];
        return { rows: found.task_instances, total: found.total_entries };
      }}
      tools={
        <>
          <SearchField
            label={text.searchTasks}
            value={search}
            onChange={(value) => filter({ search: value })}
          />
          {pool && (
            <Button title={text.anyPool} onClick={() => filter({ pool: "" })}>
              {text.pool}: {pool}
              <X size={14} aria-hidden="true" />
            </Button>
          )}
          <StateChoice
            value={state}
            states={Object.keys(states).filter((name) => name !== "none")}
            onChange={(value) => filter({ state: value })}
          />
        </>
      }
      columns={[
        { name: text.state, cell: (task) => <StateMark state={task.state} /> },
        {
          name: text.task,
          cell: (task) => (
            <Link
              to="/dags/$dagId"
              params={{ dagId: task.dag_id }}
              search={{
                run: task.dag_run_id,
                task: task.task_id,
                ...(task.map_index >= 0 ? { map: task.map_index } : {}),
              }}
            >
              {task.task_id}
              {task.map_index >= 0 && ` [${task.rendered_map_index || task.map_index}]`}
            </Link>
          ),
        },
        { name: text.dag, cell: (task) => task.dag_id },
        { name: text.run, cell: (task) => task.dag_run_id },
        { name: text.operator, cell: (task) => task.operator },
        { name: text.tries, cell: (task) => task.try_number, isNumber: true },
        { name: text.start, cell: (task) => <Moment at={task.start_date} /> },
        { name: text.took, cell: (task) => took(task, now), isNumber: true },
      ]}
    />
  );
}
