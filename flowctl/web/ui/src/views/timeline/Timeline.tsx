/** The runs of all DAGs on one axis of time, up to now. */

import { keepPreviousData } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { api } from "@/api/client";
import { Empty, Failure } from "@/parts/Notice";
import { Segments } from "@/parts/Segments";
import { colour, StateSign } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment, useNow } from "@/time/useMoment";
import { condensed } from "@/views/gantt/condense";
import { part, type Span } from "@/views/gantt/scale";
import { named } from "./axis";
import { type Bar, type Row, rowsOf, WINDOWS } from "./rows";
import css from "./timeline.module.css";
import { words } from "./words";

const HOUR = 3_600_000;
const STEP = 5_000; // the axis moves so often
const ROW_PX = 32;
const EACH_MAX = 60; // of a row: more are drawn in columns
const COLUMNS = 300;
const SHORT_PX = 52; // "06:00" with some room
const LONG_PX = 92; // "11-22 06:00"
const AFTER = 0.02; // of the window lies right of now

const percent = (share: number) => `${share * 100}%`;

export function Timeline() {
  const text = useWords(words);
  const { hours = 24 } = useSearch({ strict: false }) as { hours?: number };
  const navigate = useNavigate();
  const now = useNow(true, STEP);
  // The window asked for moves by minutes, so that an answer serves for a while.
  const since = new Date(Math.floor(now / 60_000) * 60_000 - hours * HOUR).toISOString();
  const found = api.useQuery(
    "get",
    "/ui/timeline",
    { params: { query: { since } } },
    { meta: { live: "any" }, placeholderData: keepPreviousData },
  );
  const rows = useMemo(() => rowsOf(found.data?.runs ?? [], now), [found.data, now]);
  const size = hours * HOUR;
  const span = { start: now - size, end: now + size * AFTER };
  return (
    <div className={css.page}>
      <div className={css.head}>
        <h1>{text.title}</h1>
        {found.data && <span className={css.soft}>{text.count(rows.length)}</span>}
        <span className={css.space} />
        <Segments
          label={text.window}
          choices={WINDOWS}
          chosen={hours}
          name={text.hours}
          onChoose={(one) =>
            void navigate({ to: ".", search: { hours: one } as never, replace: true })
          }
        />
      </div>
      {found.isError && <Failure error={found.error} retry={() => void found.refetch()} />}
      {found.data?.has_more && <p className={css.more}>{text.hasMore}</p>}
      {found.data && rows.length === 0 && (
        <Empty title={text.empty}>
          <p>{text.emptyHint}</p>
        </Empty>
      )}
      {rows.length > 0 && <Chart rows={rows} span={span} now={now} />}
    </div>
  );
}

function Chart({ rows, span, now }: { rows: Row[]; span: Span; now: number }) {
  const text = useWords(words);
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- its rows are memoised by what they show
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  return (
    <div ref={box} className={css.chart} role="group" aria-label={text.chart} tabIndex={0}>
      <Axis span={span} now={now} />
      <div role="list" style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index] as Row;
          return (
            <div
              key={row.dag}
              role="listitem"
              className={css.row}
              style={{ transform: `translateY(${item.start}px)`, height: ROW_PX }}
            >
              <DagRow row={row} start={span.start} end={span.end} />
            </div>
          );
        })}
        <div className={css.overlay} aria-hidden="true">
          <b className={css.now} style={{ left: percent(part(now, span)) }} />
        </div>
      </div>
    </div>
  );
}

/** Follow how wide an element is. */
function useWidth(): [RefObject<HTMLDivElement | null>, number] {
  const place = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const sizes = new ResizeObserver(([entry]) => setWidth(entry?.contentRect.width ?? 0));
    if (place.current) sizes.observe(place.current);
    return () => sizes.disconnect();
  }, []);
  return [place, width];
}

function Axis({ span, now }: { span: Span; now: number }) {
  const text = useWords(words);
  const worded = useMoment();
  const [place, width] = useWidth();
  const isLong = span.end - span.start > 30 * HOUR;
  const name = (moment: number) => {
    const said = worded(new Date(moment).toISOString());
    return isLong ? said.slice(5, 16) : said.slice(11, 16);
  };
  return (
    <div className={css.axis}>
      <div className={css.corner} />
      <div ref={place} className={css.ticks}>
        {named(span, now, width, isLong ? LONG_PX : SHORT_PX).map((moment) => (
          <span key={moment} style={{ left: percent(part(moment, span)) }}>
            {name(moment)}
          </span>
        ))}
        <strong style={{ left: percent(part(now, span)) }}>{text.now}</strong>
      </div>
    </div>
  );
}

const DagRow = memo(function DagRow({ row, start, end }: { row: Row } & Span) {
  const text = useWords(words);
  const { states } = useText();
  const span = { start, end };
  return (
    <>
      <Link
        to="/dags/$dagId"
        params={{ dagId: row.dag }}
        className={css.name}
        title={text.summary(row.bars.length, row.failed)}
      >
        <StateSign state={row.state} size={14} />
        <span>{row.dag}</span>
        {row.failed > 0 && (
          <small>
            {row.failed} {states.failed}
          </small>
        )}
      </Link>
      <div className={css.bars}>
        {row.bars.length <= EACH_MAX ? (
          row.bars.map((bar) => <One key={bar.run} dag={row.dag} bar={bar} span={span} />)
        ) : (
          <Many row={row} span={span} />
        )}
      </div>
    </>
  );
});

function One({ dag, bar, span }: { dag: string; bar: Bar; span: Span }) {
  const text = useWords(words);
  const { states, runTypes } = useText();
  const worded = useMoment();
  if (bar.end < span.start) return null;
  const [queued, start, end] = [bar.queued, bar.start, bar.end].map((moment) =>
    Math.max(0, Math.min(1, part(moment, span))),
  ) as [number, number, number];
  const said = [
    bar.run,
    states[bar.state],
    runTypes[bar.type as keyof typeof runTypes],
    worded(new Date(bar.start).toISOString()),
    text.took(duration((bar.end - bar.start) / 1000)),
  ]
    .filter(Boolean)
    .join("\n");
  return (
    <Link
      to="/dags/$dagId"
      params={{ dagId: dag }}
      search={{ run: bar.run }}
      className={css.bar}
      style={{ left: percent(queued), width: percent(end - queued) }}
      aria-label={`${dag}: ${said}`}
      title={said}
      data-state={bar.state}
    >
      <i
        style={{
          left: percent(end > queued ? (start - queued) / (end - queued) : 0),
          background: colour(bar.state),
        }}
      />
      {bar.state === "failed" && <StateSign state="failed" size={12} />}
    </Link>
  );
}

/** Runs that could not be told apart: stretches of time with the worst state in them. */
function Many({ row, span }: { row: Row; span: Span }) {
  const text = useWords(words);
  const { states } = useText();
  const said = (count: number, state: string) =>
    `${text.runs(count)}, ${text.worst(states[state] ?? state)}`;
  return (
    <div role="img" aria-label={text.summary(row.bars.length, row.failed)} className={css.many}>
      {condensed(row.bars, span, COLUMNS).map((one) => (
        <i
          key={one.from}
          title={said(one.count, one.state)}
          style={{
            left: percent(one.from),
            width: percent(one.to - one.from),
            background: colour(one.state),
          }}
        />
      ))}
    </div>
  );
}
