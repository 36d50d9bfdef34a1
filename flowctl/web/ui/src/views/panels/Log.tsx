/** A log: only the lines that are seen are in the page, only those near them in its memory. */

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import {
  useDeferredValue,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { firstError, levelOf, matches, pieces } from "./lines";
import { LogBar } from "./LogBar";
import css from "./panels.module.css";
import { HELD_MAX, type Held, indexOf, isWhole, WHOLE_BYTES } from "./pager";
import { type LogOf, useLog } from "./useLog";
import { words } from "./words";

const LINE = 18;
const NEAR = 200; // lines from an end of what is held when more is asked for
const TRACEBACK = "traceback (most recent call last)";
const NONE: Held = {
  lines: [],
  start: 0,
  end: 0,
  size: 0,
  is_last: false,
  first: 1,
};

type Rows = Virtualizer<HTMLDivElement, Element>;

export function Log({ log, isGrowing }: { log: LogOf; isGrowing: boolean }) {
  const text = useWords(words);
  const { held = NONE, error, reader } = useLog(log);
  const { lines } = held;
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const [doesWrap, setWrap] = useState(false);
  const [doesFollow, setFollow] = useState(isGrowing);
  const [found, setFound] = useState<number | null>();
  const place = useRef<HTMLDivElement>(null);
  const needle = useDeferredValue(wanted);
  const hits = useMemo(() => matches(lines, needle), [lines, needle]);
  const wrong = useMemo(() => firstError(lines), [lines]);
  const whole = isWhole(held);
  // The rows are measured by the library, outside of what React sees.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => place.current,
    getItemKey: (row) => lines[row]?.start ?? row,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const anchor = useAnchor(held, rows);
  const current = whole ? hits[at % Math.max(1, hits.length)] : undefined;
  const marked = found === null || found === undefined ? current : indexOf(lines, found);

  useEffect(() => {
    if (current !== undefined) rows.scrollToIndex(current, { align: "center" });
  }, [current, rows]);
  useEffect(() => {
    if (doesFollow && lines.length > 0) rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [doesFollow, lines, rows]);
  const isRead = reader !== undefined;
  const isSettled = isRead && (whole || held.size > WHOLE_BYTES || lines.length >= HELD_MAX);
  // A log opens at its error; without one at its begin, or where a long one ends.
  const open = useEffectEvent(() => {
    if (wrong >= 0 || whole) rows.scrollToIndex(Math.max(wrong, 0), { align: "start" });
    else rows.scrollToIndex(lines.length - 1, { align: "end" });
  });
  useEffect(() => {
    if (isSettled && !isGrowing) open();
  }, [isSettled, isGrowing]);
  const seen = rows.getVirtualItems();
  const [top, bottom] = [seen[0]?.index ?? 0, seen.at(-1)?.index ?? 0];
  useEffect(() => {
    if (!reader || lines.length === 0) return;
    if (top < NEAR && held.start > 0) void reader.older();
    else if (bottom > lines.length - NEAR && held.end < held.size) void reader.newer();
  }, [reader, top, bottom, lines.length, held.start, held.end, held.size]);

  async function search(isBack: boolean, what = needle): Promise<void> {
    const from = found ?? lines[top]?.start ?? 0;
    const next = await reader?.find(what, isBack ? { before: from } : { after: from + 1 });
    anchor.current = undefined;
    setFound(next);
  }
  const centre = useEffectEvent((start: number) =>
    rows.scrollToIndex(indexOf(lines, start), { align: "center" }),
  );
  useLayoutEffect(() => {
    if (typeof found === "number") centre(found);
  }, [found]);

  if (error) return <Failure error={error} />;
  const jump = () => {
    if (wrong >= 0) rows.scrollToIndex(wrong, { align: "start" });
    else void search(true, TRACEBACK);
  };
  const move = (isBack: boolean) => {
    if (whole) setAt(at + (isBack ? hits.length - 1 : 1));
    else if (needle) void search(isBack);
  };
  return (
    <div className={css.log}>
      <LogBar
        log={log}
        wanted={wanted}
        onWanted={(next) => {
          setWanted(next);
          setAt(0);
          setFound(undefined);
        }}
        onMove={move}
        said={
          whole
            ? needle && text.found(hits.length ? (at % hits.length) + 1 : 0, hits.length)
            : found === null && text.notFound
        }
        jump={wrong >= 0 || !whole ? jump : undefined}
        error={wrong >= 0 && held.first ? held.first + wrong : undefined}
        ends={
          whole || !reader
            ? undefined
            : {
                part: text.partOf(share(held), bytes(held.size)),
                begin: () => void reader.toBegin().then(() => rows.scrollToIndex(0)),
                end: () =>
                  void reader.toEnd().then(() => rows.scrollToIndex(rows.options.count - 1)),
              }
        }
        doesFollow={doesFollow}
        setFollow={setFollow}
        doesWrap={doesWrap}
        setWrap={setWrap}
      />
      {isRead && lines.length === 0 && <p className={css.hint}>{text.noLog}</p>}
      <div
        ref={place}
        className={css.lines}
        tabIndex={0}
        role="log"
        aria-label={text.parts.log}
        data-wrap={doesWrap || undefined}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {seen.map((row) => (
            <div
              key={row.key}
              ref={doesWrap ? rows.measureElement : undefined}
              data-index={row.index}
              data-level={levelOf(lines[row.index]?.text ?? "") || undefined}
              data-current={row.index === marked || undefined}
              className={css.line}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <span className={css.number}>{held.first && held.first + row.index}</span>
              <Line line={lines[row.index]?.text ?? ""} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Keep the first line that is seen where it is, whatever is read or let go before it. */
function useAnchor(held: Held, rows: Rows) {
  const anchor = useRef<{ start: number; offset: number } | undefined>(undefined);
  const { lines } = held;
  const keep = useEffectEvent((lines: Held["lines"]) => {
    const kept = anchor.current;
    if (!kept || lines.length === 0) return;
    const row = indexOf(lines, kept.start);
    const to = rows.getOffsetForIndex(row, "start")?.[0];
    if (lines[row]?.start === kept.start && to !== undefined) rows.scrollToOffset(to + kept.offset);
  });
  useLayoutEffect(() => keep(lines), [lines]);
  useEffect(() => {
    const top = rows.scrollOffset ?? 0;
    const first = rows.getVirtualItems().find((row) => row.end > top);
    const line = first && lines[first.index];
    anchor.current = line && { start: line.start, offset: top - first.start };
  });
  return anchor;
}

function share({ start, end, size }: Held): string {
  const percent = (place: number) => Math.round((place / Math.max(1, size)) * 100);
  return `${percent(start)}–${percent(end)}%`;
}

function bytes(size: number): string {
  return size < 1 << 20 ? `${Math.ceil(size / 1024)} kB` : `${(size / (1 << 20)).toFixed(0)} MB`;
}

function Line({ line }: { line: string }) {
  return (
    <span>
      {pieces(line).map((piece, at) => (
        <span
          key={at}
          style={{
            ...(piece.colour === undefined ? {} : { color: `var(--ansi-${piece.colour})` }),
            ...(piece.isBold ? { fontWeight: 700 } : {}),
          }}
        >
          {piece.text}
        </span>
      ))}
    </span>
  );
}
