/** The whole site at a glance: what is wrong, what runs, how full it is, who is alive. */

import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { api } from "@/api/client";
import { Failure } from "@/parts/Notice";
import { StateSign } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { useNow } from "@/time/useMoment";
import css from "./cluster.module.css";
import { Failed, Waiting } from "./Lately";
import type { Dashboard } from "./parts";
import { Pools, Slots } from "./Pools";
import { Processes } from "./Processes";
import { words } from "./words";

const LOOK_EVERY_MS = 5_000;
const HOURS = [1, 24, 168] as const;

export function Cluster() {
  const text = useWords(words);
  const asked = useSearch({ strict: false }) as { hours?: number };
  const hours = HOURS.find((one) => one === asked.hours) ?? 24;
  const navigate = useNavigate();
  const found = api.useQuery(
    "get",
    "/ui/dashboard",
    { params: { query: { hours } } },
    { meta: { live: "any" }, refetchInterval: LOOK_EVERY_MS, placeholderData: (old) => old },
  );
  const now = useNow(true);
  const { data } = found;
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{text.title}</h1>
        <select
          aria-label={text.span}
          value={hours}
          onChange={(event) =>
            void navigate({ to: ".", search: { hours: +event.target.value } as never })
          }
        >
          {HOURS.map((one) => (
            <option key={one} value={one}>
              {text.hours(one)}
            </option>
          ))}
        </select>
      </div>
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {data && (
        <>
          <Counts data={data} />
          <div className={css.cards}>
            <Failed runs={data.failed_runs} now={now} />
            <Waiting tasks={data.waiting} now={now} />
            <section className={css.card}>
              <h2>{text.slots}</h2>
              <Slots use={data.executor} />
              {data.pools && <Pools pools={data.pools} />}
            </section>
            {data.jobs && <Processes jobs={data.jobs} now={now} />}
          </div>
        </>
      )}
    </div>
  );
}

function Counts({ data }: { data: Dashboard }) {
  const text = useWords(words);
  const { states } = useText();
  return (
    <div className={css.counts}>
      {(["failed", "running", "queued", "success"] as const).map((state) => (
        <Link key={state} to="/runs" search={{ state }} className={css.count}>
          <span>
            <StateSign state={state} size={14} /> {text.runs(states[state] ?? state)}
          </span>
          <strong data-bad={(state === "failed" && data.runs[state]) || undefined}>
            {data.runs[state] ?? 0}
          </strong>
        </Link>
      ))}
      {(["running", "queued"] as const).map((state) => (
        <Link key={state} to="/tasks" search={{ state }} className={css.count}>
          <span>
            <StateSign state={state} size={14} /> {text.tasks(states[state] ?? state)}
          </span>
          <strong>{data.tasks[state] ?? 0}</strong>
        </Link>
      ))}
      <Link to="/dags" className={css.count}>
        <span>{text.dags}</span>
        <strong>{data.dags.total}</strong>
        <small>{text.paused(data.dags.paused)}</small>
      </Link>
      <Link to={"/import-errors" as "/dags"} className={css.count}>
        <span>{text.broken}</span>
        <strong data-bad={data.import_errors > 0 || undefined}>{data.import_errors}</strong>
      </Link>
    </div>
  );
}
