/** What was done to one run or task instance, by whom. */

import { api } from "@/api/client";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import css from "./panels.module.css";
import { words } from "./words";

const EVENTS_MAX = 100;

interface Props {
  dagId: string;
  run: string;
  task?: string;
  map?: number;
}

export function Trail({ dagId, run, task, map }: Props) {
  const text = useWords(words);
  const found = api.useQuery("get", "/eventLogs", {
    params: {
      query: {
        dag_id: dagId,
        run_id: run,
        ...(task === undefined ? {} : { task_id: task }),
        ...(map === undefined || map < 0 ? {} : { map_index: map }),
        order_by: "-event_log_id",
        limit: EVENTS_MAX,
      },
    },
  });
  if (found.isError) return <Failure error={found.error} />;
  if (!found.data) return null;
  if (found.data.event_logs.length === 0) return <p className={css.hint}>{text.noTrail}</p>;
  return (
    <ul className={css.trail} aria-label={text.parts.audit}>
      {found.data.event_logs.map((event) => (
        <li key={event.event_log_id}>
          <Moment at={event.when} /> <strong>{event.owner}</strong> <code>{event.event}</code>{" "}
          {task === undefined && event.task_id}
          {event.extra && (
            <details>
              <summary>{text.parts.details}</summary>
              <pre className={css.value}>{event.extra}</pre>
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}
