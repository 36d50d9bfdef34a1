import { api } from "@/api/client";
import { Failure, Notice } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import type { Dag } from "@/views/dag/useDag";
import css from "./details.module.css";
import { words } from "./words";

const COUNT = 8;

/** The runs that the schedule plans. */
export function NextRuns({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const found = api.useQuery("get", "/dags/{dag_id}/plannedRuns", {
    params: { path: { dag_id: dag.dag_id }, query: { limit: COUNT } },
  });
  if (found.isError) return <Failure error={found.error} />;
  const planned = found.data?.planned_runs ?? [];
  if (planned.length === 0) return found.data && <p className={css.faint}>{text.noNext}</p>;
  return (
    <>
      {dag.is_paused && <Notice kind="warning">{text.whenActive}</Notice>}
      <table className={css.next} aria-label={text.next}>
        <thead>
          <tr>
            <th>{text.runAfter}</th>
            <th>{text.date}</th>
          </tr>
        </thead>
        <tbody>
          {planned.map((one) => (
            <tr key={one.logical_date}>
              <td>
                <Moment at={one.run_after} />
              </td>
              <td>
                <Moment at={one.logical_date} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
