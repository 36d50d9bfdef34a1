/** What failed lately, and what waits longest: each with its reason and the way to it. */

import { Link } from "@tanstack/react-router";
import { StateSign } from "@/parts/StateMark";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment } from "@/time/useMoment";
import css from "./cluster.module.css";
import { ago, type Dashboard } from "./parts";
import { words } from "./words";

function Ago({ at, now }: { at: string | null; now: number }) {
  const text = useWords(words);
  const worded = useMoment();
  const seconds = ago(at, now);
  if (seconds === undefined || at === null) return null;
  return (
    <time dateTime={at} title={worded(at)} className={css.soft}>
      {text.ago(duration(Math.max(1, Math.round(seconds))))}
    </time>
  );
}

export function Failed({ runs, now }: { runs: Dashboard["failed_runs"]; now: number }) {
  const text = useWords(words);
  return (
    <section className={css.card}>
      <h2>{text.failed}</h2>
      {runs.length === 0 && <p className={css.good}>{text.noneFailed}</p>}
      <ul className={css.list}>
        {runs.map((run) => (
          <li key={`${run.dag_id} ${run.run_id}`}>
            <StateSign state="failed" size={14} />
            <div>
              <Link to="/dags/$dagId" params={{ dagId: run.dag_id }} search={{ run: run.run_id }}>
                {run.dag_id}
              </Link>{" "}
              <Ago at={run.end_date} now={now} />
              {run.reason && <p className={css.reason}>{run.reason}</p>}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Waiting({ tasks, now }: { tasks: Dashboard["waiting"]; now: number }) {
  const text = useWords(words);
  return (
    <section className={css.card}>
      <h2>{text.waiting}</h2>
      {tasks.length === 0 && <p className={css.good}>{text.noneWaits}</p>}
      <ul className={css.list}>
        {tasks.map((task) => (
          <li key={`${task.dag_id} ${task.run_id} ${task.task_id} ${task.map_index}`}>
            <StateSign state={task.state} size={14} />
            <div>
              <Link
                to="/dags/$dagId"
                params={{ dagId: task.dag_id }}
                search={{
                  run: task.run_id,
                  task: task.task_id,
                  ...(task.map_index >= 0 ? { map: task.map_index } : {}),
                }}
              >
                {task.dag_id} · {task.task_id}
                {task.map_index >= 0 && ` [${task.map_index}]`}
              </Link>{" "}
              <Ago at={task.since} now={now} />
              <p className={css.reason}>{task.reason}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
