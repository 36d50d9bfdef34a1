/** The runs that will come: when they start, how full pools will be, and who will have to wait. */

import { keepPreviousData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { DataTable } from "@/parts/DataTable";
import { Empty, Failure, Notice } from "@/parts/Notice";
import { Segments } from "@/parts/Segments";
import { useWords } from "@/text/text";
import { between, duration } from "@/time/moments";
import { Moment, useMoment } from "@/time/useMoment";
import css from "./ahead.module.css";
import { LoadChart } from "./LoadChart";
import { byNeed, DAYS } from "./load";
import { words } from "./words";

type Foretold = Schemas["Foretold"];

const DAY_MS = 86_400_000;
const STALE_MS = 60_000;
const FIRST = { waits: 8, runs: 50 }; // rows that are shown before one asks for more

export function Ahead() {
  const text = useWords(words);
  const { days = 1 } = useSearch({ strict: false }) as { days?: number };
  const navigate = useNavigate();
  // From the moment at which the page was opened: an answer takes a second of the server's time.
  const [since] = useState(() => new Date(Math.floor(Date.now() / STALE_MS) * STALE_MS));
  const until = new Date(since.getTime() + days * DAY_MS);
  const query = { since: since.toISOString(), until: until.toISOString() };
  const found = api.useQuery(
    "get",
    "/simulation",
    { params: { query } },
    { staleTime: STALE_MS, placeholderData: keepPreviousData },
  );
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{text.title}</h1>
        <Segments
          label={text.stretch}
          choices={DAYS}
          chosen={days}
          name={text.days}
          onChoose={(one) =>
            void navigate({ to: ".", search: { days: one } as never, replace: true })
          }
        />
        {found.isFetching && (
          <span role="status" className={css.soft}>
            {text.playing}
          </span>
        )}
      </div>
      <p className={css.soft}>{text.about}</p>
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data && <Told data={found.data} />}
    </div>
  );
}

function Told({ data }: { data: Foretold }) {
  const text = useWords(words);
  const loads = byNeed(data.load);
  const left = Object.entries(data.left_out);
  if (data.runs.length === 0 && data.passed_over.length === 0 && left.length === 0)
    return (
      <Empty title={text.empty}>
        <p>{text.emptyHint}</p>
      </Empty>
    );
  return (
    <>
      {left.length > 0 && (
        <Notice kind="warning">
          {text.leftOut}: {left.map(([dag, why]) => `${dag} (${why})`).join(", ")}
        </Notice>
      )}
      <section className={css.card}>
        <h2>{text.load}</h2>
        {loads.length === 0 && <p className={css.soft}>{text.idle}</p>}
        {loads.map((load) => (
          <LoadChart key={load.name} load={load} />
        ))}
      </section>
      <Waits data={data} />
      <PassedOver data={data} />
      <Runs data={data} />
      {data.tasks_without_history.length > 0 && (
        <p className={css.soft} title={data.tasks_without_history.slice(0, FIRST.runs).join("\n")}>
          {text.unknown(data.tasks_without_history.length)}
        </p>
      )}
    </>
  );
}

/** Return the first rows, and a button for more where there are. */
function useFew<R>(rows: R[], first: number): [R[], ReactNode] {
  const text = useWords(words);
  const [shown, setShown] = useState(first);
  const more = Math.min(rows.length - shown, 10 * first);
  const button = more > 0 && (
    <Button look="quiet" onClick={() => setShown(shown + more)}>
      {text.more(more)}
    </Button>
  );
  return [rows.slice(0, shown), button];
}

function Waits({ data }: { data: Foretold }) {
  const text = useWords(words);
  const worst = [...data.collisions].sort((one, other) => other.waited_s - one.waited_s);
  const [rows, more] = useFew(worst, FIRST.waits);
  return (
    <section className={css.card}>
      <h2>{text.waits}</h2>
      {data.collisions.length === 0 ? (
        <p className={css.soft}>{text.nobody}</p>
      ) : (
        <DataTable
          label={text.waits}
          rows={rows}
          keyOf={(one) => `${one.limit} ${one.since}`}
          columns={[
            { name: text.limit, cell: (one) => one.limit },
            { name: text.from, cell: (one) => <Moment at={one.since} /> },
            {
              name: text.until,
              cell: (one) => (one.is_open ? text.open : <Moment at={one.until} />),
            },
            { name: text.tasks, cell: (one) => one.waits, isNumber: true },
            { name: text.waited, cell: (one) => duration(one.waited_s), isNumber: true },
          ]}
        />
      )}
      {more}
    </section>
  );
}

function PassedOver({ data }: { data: Foretold }) {
  const text = useWords(words);
  const worded = useMoment();
  if (data.passed_over.length === 0) return null;
  return (
    <section className={css.card}>
      <h2>{text.passed}</h2>
      <ul className={css.list}>
        {data.passed_over.map((one) => (
          <li key={`${one.dag_id} ${one.first}`}>
            <ToDag id={one.dag_id} />: {text.passedFrom(worded(one.first), worded(one.last))};{" "}
            {one.why}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Runs({ data }: { data: Foretold }) {
  const text = useWords(words);
  const [rows, more] = useFew(data.runs, FIRST.runs);
  return (
    <section className={css.card}>
      <h2>
        {text.runs} <small className={css.soft}>{data.runs.length}</small>
      </h2>
      <DataTable
        label={text.runs}
        rows={rows}
        keyOf={(one) => `${one.dag_id} ${one.run_id}`}
        columns={[
          { name: text.due, cell: (one) => <Moment at={one.due} /> },
          { name: text.dag, cell: (one) => <ToDag id={one.dag_id} /> },
          { name: text.start, cell: (one) => <Moment at={one.start_date} /> },
          {
            name: text.took,
            cell: (one) =>
              one.start_date && one.end_date && duration(between(one.start_date, one.end_date, 0)),
            isNumber: true,
          },
        ]}
      />
      {more}
    </section>
  );
}

function ToDag({ id }: { id: string }) {
  return (
    <Link to="/dags/$dagId" params={{ dagId: id }}>
      {id}
    </Link>
  );
}
