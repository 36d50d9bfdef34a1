/** Each date of a backfill: the sign of its run, which leads there; or why it has none. */

import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { StateSign } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import css from "./backfills.module.css";
import { words } from "./words";

const PAGE = 100;

export function Dates({ backfill }: { backfill: Schemas["Backfill"] }) {
  const { ask } = useText();
  const text = useWords(words);
  const { dag_id, id, progress } = backfill;
  const path = { dag_id, backfill_id: id };
  const found = useInfiniteQuery({
    // Read anew with each step of the backfill itself, which is looked at while it is open.
    queryKey: ["backfill dates", path, progress],
    initialPageParam: 0,
    queryFn: async ({ pageParam, signal }) => {
      const query = { limit: PAGE, offset: pageParam };
      const { data } = await client.GET("/dags/{dag_id}/backfills/{backfill_id}/dates", {
        params: { path, query },
        signal,
      });
      return data as Schemas["BackfillDateCollection"];
    },
    getNextPageParam: (last, pages) => {
      const read = pages.reduce((sum, page) => sum + page.dates.length, 0);
      return read < last.total_entries ? read : undefined;
    },
    placeholderData: keepPreviousData,
    meta: { live: "own" },
  });
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const dates = found.data?.pages.flatMap((page) => page.dates) ?? [];
  return (
    <>
      <ul className={css.dates} aria-label={text.dates}>
        {dates.map((one) => (
          <li key={one.logical_date}>
            <One dagId={dag_id} date={one} />
          </li>
        ))}
      </ul>
      {found.hasNextPage && (
        <Button look="quiet" onClick={() => void found.fetchNextPage()}>
          {ask.more}
        </Button>
      )}
    </>
  );
}

function One({ dagId, date }: { dagId: string; date: Schemas["BackfillDate"] }) {
  const text = useWords(words);
  const { states } = useText();
  const worded = useMoment()(date.logical_date);
  const short = worded.endsWith("00:00:00") ? worded.slice(0, 10) : worded.slice(0, 16);
  const reason = date.reason && text.noRun(text.reasons[date.reason] ?? date.reason);
  const label = text.dateIs(
    worded,
    reason || (date.state ? (states[date.state] ?? "") : text.toCome),
  );
  if (!date.run_id)
    return (
      <span className={css.date} title={label}>
        <StateSign state={reason ? "removed" : "none"} size={14} />
        {short}
        <span className="visually-hidden">{label}</span>
      </span>
    );
  return (
    <Link
      to="/dags/$dagId"
      params={{ dagId }}
      search={{ run: date.run_id }}
      className={css.date}
      title={label}
      aria-label={label}
    >
      <StateSign state={date.state} size={14} />
      {short}
    </Link>
  );
}
