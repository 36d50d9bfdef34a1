/** A page with one list: its name, its filters, its records, page by page. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { isForbidden } from "@/api/client";
import { useText } from "@/text/text";
import { Button } from "./Button";
import { type Chosen, type Column, DataTable } from "./DataTable";
import { Empty, Failure } from "./Notice";
import { Worded } from "./Worded";
import css from "./table.module.css";

const PAGE = 50;

export interface Found<R> {
  rows: R[];
  total: number;
}

interface Props<R> {
  title: string;
  /** What is asked, with which filters: the key under which answers are kept. */
  queryKey: readonly unknown[];
  read: (page: { limit: number; offset: number }) => Promise<Found<R>>;
  columns: Column<R>[];
  keyOf: (row: R) => string;
  actions?: (row: R) => ReactNode;
  /** Filters and buttons beside the title. */
  tools?: ReactNode;
  /** What an empty list says: how something comes into it. */
  empty: string;
  refetchMs?: number;
  chosen?: Chosen<R>;
  /** What stands between the head and the list. */
  above?: ReactNode;
  /** What stands in the place of a list that the server keeps to itself. */
  kept?: ReactNode;
}

export function ListPage<R>(props: Props<R>) {
  const { title, queryKey, read, columns, keyOf, actions, tools, empty, refetchMs } = props;
  const { chosen, above, kept } = props;
  const { ask } = useText();
  const asked = JSON.stringify(queryKey);
  const [place, setPlace] = useState({ asked, offset: 0 });
  const offset = place.asked === asked ? place.offset : 0; // another filter begins anew
  const setOffset = (next: number) => setPlace({ asked, offset: next });
  const list = useQuery({
    queryKey: [...queryKey, offset],
    queryFn: () => read({ limit: PAGE, offset }),
    placeholderData: keepPreviousData,
    meta: { live: "any" },
    ...(refetchMs ? { refetchInterval: refetchMs } : {}),
  });
  const { rows = [], total = 0 } = list.data ?? {};
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{title}</h1>
        {list.data && <span className={css.count}>{total}</span>}
        <span className={css.space} />
        {!isForbidden(list.error) && tools}
      </div>
      {above}
      {list.isError &&
        ((isForbidden(list.error) && kept) || (
          <Failure error={list.error} retry={() => void list.refetch()} />
        ))}
      {list.data && total === 0 && <Nothing words={empty} />}
      {rows.length > 0 && (
        <DataTable
          label={title}
          columns={columns}
          rows={rows}
          keyOf={keyOf}
          {...(actions ? { actions } : {})}
          {...(chosen ? { chosen } : {})}
        />
      )}
      {total > PAGE && (
        <nav className={css.pages} aria-label={title}>
          <Button disabled={offset === 0} onClick={() => setOffset(Math.max(offset - PAGE, 0))}>
            {ask.before}
          </Button>
          <span role="status">
            {Math.min(offset + 1, total)}–{Math.min(offset + PAGE, total)} / {total}
          </span>
          <Button disabled={offset + PAGE >= total} onClick={() => setOffset(offset + PAGE)}>
            {ask.after}
          </Button>
        </nav>
      )}
    </div>
  );
}

/** The first sentence says that there is nothing, the others how something comes. */
function Nothing({ words }: { words: string }) {
  const [title = "", ...hints] = words.split(/(?<=\.) /);
  return (
    <Empty title={title.replace(/\.$/, "")}>
      {hints.length > 0 && (
        <p>
          <Worded words={hints.join(" ")} />
        </p>
      )}
    </Empty>
  );
}

/** A long text that is folded until it is asked for. */
export function Folded({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  return (
    <details className={css.detail}>
      <summary>{summary}</summary>
      <pre>{children}</pre>
    </details>
  );
}
