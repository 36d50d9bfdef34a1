/** The runs of a DAG by day, a year in each row, with the days that its schedule plans. */

import { Button } from "@/parts/Button";
import { useWords } from "@/text/text";
import { useNow } from "@/time/useMoment";
import { numberIn, useKept } from "@/views/dag/kept";
import { useDagId, useHasNoSchedule } from "@/views/dag/useDag";
import css from "./calendar.module.css";
import { words } from "./words";
import { Year } from "./Year";

const MINUTE_MS = 60_000;
const LEAST = 1970;

interface Span {
  since?: number | undefined;
  until?: number | undefined;
}

const spanIn = ({ since, until }: Record<string, unknown>): Span => ({
  since: numberIn(since),
  until: numberIn(until),
});

export function Calendar() {
  const dagId = useDagId();
  const hasNoPlan = useHasNoSchedule(dagId);
  const text = useWords(words);
  const [span, keep] = useKept(spanIn);
  const today = new Date(useNow(true, MINUTE_MS)).toISOString().slice(0, 10);
  const now = Number(today.slice(0, 4));
  const until = span.until ?? now;
  const since = Math.max(LEAST, Math.min(span.since ?? now, until));
  const years = Array.from({ length: until - since + 1 }, (_, at) => until - at);
  return (
    <div className={css.page}>
      {(until < now || !hasNoPlan) && (
        <Button look="quiet" onClick={() => keep({ until: until + 1 })}>
          {text.later(until + 1)}
        </Button>
      )}
      {years.map((year) => (
        <Year key={year} dagId={dagId} year={year} today={today} />
      ))}
      {since > LEAST && (
        <Button look="quiet" onClick={() => keep({ since: since - 1 })}>
          {text.earlier(since - 1)}
        </Button>
      )}
      <p className={css.hint}>{text.hint}</p>
    </div>
  );
}
