/** The list of DAGs: what is wrong first, what runs, what comes next. */

import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { Blocks } from "@/parts/Blocks";
import { Button } from "@/parts/Button";
import { Worded } from "@/parts/Worded";
import { Empty, Failure } from "@/parts/Notice";
import { useText, useWords } from "@/text/text";
import { useNow } from "@/time/useMoment";
import { DagRow } from "./DagRow";
import css from "./dags.module.css";
import { FilterBar } from "./FilterBar";
import { type Filters, hasFilters } from "./filters";
import { ImportErrors } from "./ImportErrors";
import { useChoices, useDagList } from "./query";
import { words } from "./words";

const TICK_MS = 5_000;

export function Dags() {
  const filters: Filters = useSearch({ from: "/dags" });
  const navigate = useNavigate({ from: "/dags" });
  const text = useWords(words);
  const list = useDagList(filters);
  const choices = useChoices();
  const now = useNow(true, TICK_MS);
  const dags = list.data?.pages.flatMap((page) => page.dags) ?? [];
  const total = list.data?.pages[0]?.total_entries ?? 0;
  const show = (next: Filters) => void navigate({ search: next, replace: true });

  return (
    <div className={css.page}>
      <h1 className="visually-hidden">{text.title}</h1>
      <ImportErrors />
      <FilterBar
        filters={filters}
        choices={choices.data}
        onChange={show}
        count={list.data && text.count(dags.length, total)}
      />
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.data && dags.length === 0 && <Nothing filters={filters} reset={() => show({})} />}
      {dags.length > 0 && (
        <table className={css.table} aria-rowcount={total + 1}>
          <Head />
          <Blocks
            items={dags}
            keyOf={(dag) => dag.dag_id}
            columns={8}
            row={(dag) => (
              <DagRow
                key={dag.dag_id}
                dag={dag}
                now={now}
                onTag={(tag) => show({ ...filters, tag })}
              />
            )}
          />
        </table>
      )}
      {list.hasNextPage && <More onSeen={() => void list.fetchNextPage()} />}
    </div>
  );
}

function Head() {
  const { columns } = useWords(words);
  return (
    <thead>
      <tr>
        <th colSpan={2}>
          <span className="visually-hidden">{columns.act}</span>
        </th>
        <th>{columns.dag}</th>
        <th>{columns.schedule}</th>
        <th>{columns.next}</th>
        <th>{columns.runs}</th>
        <th>{columns.tasks}</th>
        <th>
          <span className="visually-hidden">{columns.act}</span>
        </th>
      </tr>
    </thead>
  );
}

function Nothing({ filters, reset }: { filters: Filters; reset: () => void }) {
  const text = useWords(words);
  if (!hasFilters(filters)) {
    return (
      <Empty title={text.nothingTitle}>
        <p>
          <Worded words={text.nothing} />
        </p>
      </Empty>
    );
  }
  return (
    <Empty title={text.noMatch}>
      <Button onClick={reset}>{text.reset}</Button>
    </Empty>
  );
}

/** Asks for the next page once one comes near the end of the list. */
function More({ onSeen }: { onSeen: () => void }) {
  const text = useText();
  const place = useRef<HTMLButtonElement>(null);
  const latest = useRef(onSeen);
  useEffect(() => {
    latest.current = onSeen;
  });
  useEffect(() => {
    const watcher = new IntersectionObserver(
      (seen) => {
        if (seen.some((one) => one.isIntersecting)) latest.current();
      },
      { root: place.current?.closest("main") ?? null, rootMargin: "600px" },
    );
    if (place.current) watcher.observe(place.current);
    return () => watcher.disconnect();
  }, []);
  return (
    <button type="button" ref={place} className={css.more} onClick={onSeen}>
      {text.ask.more}
    </button>
  );
}
