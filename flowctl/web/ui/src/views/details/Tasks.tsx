import { useState } from "react";
import { api, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { type Column, DataTable } from "@/parts/DataTable";
import { Failure } from "@/parts/Notice";
import { useText, useWords } from "@/text/text";
import { spanOf } from "./facts";
import { words } from "./words";

type Task = Schemas["Task"];

const SHOWN = 100;

/** The tasks of a DAG with what they are told. */
export function Tasks({ dagId }: { dagId: string }) {
  const text = useWords(words);
  const { ask } = useText();
  const [count, setCount] = useState(SHOWN);
  const found = api.useQuery("get", "/dags/{dag_id}/tasks", {
    params: { path: { dag_id: dagId } },
  });
  if (found.isError) return <Failure error={found.error} />;
  const tasks = found.data?.tasks ?? [];
  const columns: Column<Task>[] = [
    { name: text.task, cell: (task) => <code>{task.task_id}</code> },
    { name: text.operator, cell: (task) => task.operator_name },
    { name: text.owner, cell: (task) => task.owner },
    { name: text.rule, cell: (task) => task.trigger_rule },
    { name: text.retries, cell: (task) => task.retries, isNumber: true },
    {
      name: text.taskTimeout,
      cell: (task) => task.execution_timeout && spanOf(task.execution_timeout),
    },
    { name: text.pool, cell: (task) => task.pool },
    { name: text.weight, cell: (task) => task.priority_weight, isNumber: true },
  ];
  return (
    <>
      <DataTable
        label={text.taskList}
        rows={tasks.slice(0, count)}
        keyOf={(task) => task.task_id}
        columns={columns}
      />
      {tasks.length > count && (
        <Button look="quiet" onClick={() => setCount(count + SHOWN)}>
          {ask.more} ({tasks.length - count})
        </Button>
      )}
    </>
  );
}
