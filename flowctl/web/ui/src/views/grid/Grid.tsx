/** Tasks by runs: what happened lately. */

import { api } from "@/api/client";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { Moment } from "@/time/useMoment";
import { useSelection } from "@/views/dag/selection";
import { useDagId } from "@/views/dag/useDag";

export function Grid() {
  const dagId = useDagId();
  const [, select] = useSelection();
  const grid = api.useQuery("get", "/dags/{dag_id}/grid", {
    params: { path: { dag_id: dagId } },
  });
  if (grid.isError) return <Failure error={grid.error} retry={() => void grid.refetch()} />;
  return (
    <ul>
      {grid.data?.runs.map((run) => (
        <li key={run.run_id}>
          <button type="button" onClick={() => select({ run: run.run_id, task: undefined })}>
            <StateMark state={run.state} /> {run.run_id} <Moment at={run.start_date} />
          </button>
        </li>
      ))}
    </ul>
  );
}
