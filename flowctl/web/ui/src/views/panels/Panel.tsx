/** What is selected, at the right of grid, graph and gantt. */

import { X } from "lucide-react";
import { type ReactNode } from "react";
import { api } from "@/api/client";
import { IconButton } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { NOTHING, useSelection } from "@/views/dag/selection";
import css from "./panels.module.css";
import { words } from "./words";

export function Panel({ dagId }: { dagId: string }) {
  const [{ run, task, map }, select] = useSelection();
  const text = useWords(words);
  const ask = useText().ask;
  if (!run) return null;
  return (
    <aside className={css.panel} aria-label={text.panel}>
      <div className={css.head}>
        <Crumbs run={run} task={task} map={map} />
        <IconButton label={ask.close} onClick={() => select(NOTHING)}>
          <X size={16} />
        </IconButton>
      </div>
      {task ? <Why dagId={dagId} run={run} task={task} map={map ?? -1} /> : null}
    </aside>
  );
}

function Crumbs({
  run,
  task,
  map,
}: {
  run: string;
  task?: string | undefined;
  map?: number | undefined;
}): ReactNode {
  return (
    <h2 className={css.crumbs}>
      {task ? (map === undefined ? task : `${task} [${map}]`) : run}
      {task && <small>{run}</small>}
    </h2>
  );
}

function Why({ dagId, run, task, map }: { dagId: string; run: string; task: string; map: number }) {
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/explain",
    {
      params: {
        path: { dag_id: dagId, dag_run_id: run, task_id: task },
        query: { map_index: map },
      },
    },
  );
  if (found.isError) return <Failure error={found.error} />;
  return (
    <div className={css.why}>
      <StateMark state={found.data?.state} />
      <p>{found.data?.reason}</p>
    </div>
  );
}
