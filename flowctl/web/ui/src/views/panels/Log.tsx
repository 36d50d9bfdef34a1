/** A log: only the lines that are seen are in the page; it opens at the first error. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, CircleAlert, Download, WrapText } from "lucide-react";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { API } from "@/base";
import { Button, IconButton } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { firstError, levelOf, matches, pieces } from "./lines";
import css from "./panels.module.css";
import { type LogOf, useLog } from "./useLog";
import { words } from "./words";

const LINE = 18;

export function Log({ log, isGrowing }: { log: LogOf; isGrowing: boolean }) {
  const text = useWords(words);
  const { lines, isRead, error } = useLog(log, isGrowing);
  const [wanted, setWanted] = useState("");
  const [at, setAt] = useState(0);
  const [doesWrap, setWrap] = useState(false);
  const [doesFollow, setFollow] = useState(isGrowing);
  const place = useRef<HTMLDivElement>(null);
  const needle = useDeferredValue(wanted);
  const found = useMemo(() => matches(lines, needle), [lines, needle]);
  const error_ = useMemo(() => firstError(lines), [lines]);
  // The rows are measured by the library, outside of what React sees.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: lines.at(-1) === "" ? lines.length - 1 : lines.length,
    getScrollElement: () => place.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const current = found[at % Math.max(1, found.length)];
  useEffect(() => {
    if (current !== undefined) rows.scrollToIndex(current, { align: "center" });
  }, [current, rows]);
  useEffect(() => {
    if (doesFollow) rows.scrollToIndex(Math.max(0, lines.length - 2), { align: "end" });
  }, [doesFollow, lines.length, rows]);
  useEffect(() => {
    if (isRead && !isGrowing && error_ >= 0) rows.scrollToIndex(error_, { align: "start" });
  }, [isRead, isGrowing, error_, rows]);

  if (error) return <Failure error={error} />;
  const isEmpty = isRead && lines.join("") === "";
  return (
    <div className={css.log}>
      <div className={css.logBar}>
        <input
          type="search"
          aria-label={text.search}
          placeholder={text.search}
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") setAt(at + (event.shiftKey ? found.length - 1 : 1));
          }}
        />
        {needle && (
          <span role="status">
            {text.found(found.length ? (at % found.length) + 1 : 0, found.length)}
          </span>
        )}
        {error_ >= 0 && (
          <Button
            look="quiet"
            title={text.errorAt(error_ + 1)}
            onClick={() => rows.scrollToIndex(error_, { align: "start" })}
          >
            <CircleAlert size={14} aria-hidden="true" /> {text.jump}
          </Button>
        )}
        <span className={css.space} />
        <IconButton
          label={text.follow}
          aria-pressed={doesFollow}
          onClick={() => setFollow(!doesFollow)}
        >
          <ArrowDownToLine size={14} />
        </IconButton>
        <IconButton label={text.wrap} aria-pressed={doesWrap} onClick={() => setWrap(!doesWrap)}>
          <WrapText size={14} />
        </IconButton>
        <a
          href={addressOf(log)}
          download={`${log.task}.log`}
          aria-label={text.download}
          title={text.download}
        >
          <Download size={14} />
        </a>
      </div>
      {isEmpty && <p className={css.hint}>{text.noLog}</p>}
      <div
        ref={place}
        className={css.lines}
        tabIndex={0}
        role="log"
        aria-label={text.parts.log}
        data-wrap={doesWrap || undefined}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((row) => (
            <div
              key={row.key}
              ref={doesWrap ? rows.measureElement : undefined}
              data-index={row.index}
              data-level={levelOf(lines[row.index] ?? "") || undefined}
              data-current={row.index === current || undefined}
              className={css.line}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <span className={css.number}>{row.index + 1}</span>
              <Line line={lines[row.index] ?? ""} />
            </div>
          ))}
        </div>
      </div>
    </div>
  );
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

function addressOf({ dagId, run, task, map, tryNumber }: LogOf): string {
  const [dag, at, of] = [dagId, run, task].map(encodeURIComponent);
  return `${API}/dags/${dag}/dagRuns/${at}/taskInstances/${of}/logs/${tryNumber}?map_index=${map}`;
}
