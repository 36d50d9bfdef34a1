/** The bars of one row, and the lines of the time above them. */

import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment } from "@/time/useMoment";
import { colour } from "@/parts/StateMark";
import type { Bar, Row } from "./bars";
import { condensed } from "./condense";
import css from "./gantt.module.css";
import { part, type Span, ticks } from "./scale";
import { words } from "./words";

const percent = (share: number) => `${share * 100}%`;

function place(from: number, to: number, span: Span): { left: string; width: string } | null {
  const start = Math.max(0, part(from, span));
  const end = Math.min(1, part(to, span));
  return end < 0 || start > 1 ? null : { left: percent(start), width: percent(end - start) };
}

/** More bars than that in a row are drawn in so many columns, not each for itself. */
const BARS_MAX = 200;
const COLUMNS = 400;

export function Bars({ row, span, onChoose }: { row: Row; span: Span; onChoose: () => void }) {
  const text = useWords(words);
  const { states } = useText();
  const said = (bar: Bar) =>
    [
      bar.map >= 0 ? text.instance(bar.map) : "",
      text.tries(bar.try),
      states[bar.state] ?? bar.state,
      `${text.queued} ${duration((bar.start - bar.queued) / 1000)}`,
      `${text.ran} ${duration((bar.end - bar.start) / 1000)}`,
      row.isCritical ? text.critical : text.slack(duration(row.slack / 1000)),
    ]
      .filter(Boolean)
      .join("\n");
  if (row.isGroup) {
    const whole = row.end > 0 ? place(row.start, row.end, span) : null;
    return <div className={css.bars}>{whole && <i className={css.group} style={whole} />}</div>;
  }
  if (row.bars.length > BARS_MAX)
    return (
      <div className={css.bars} onClick={onChoose} aria-hidden="true">
        {condensed(row.bars, span, COLUMNS).map((one) => (
          <i
            key={one.from}
            className={`${css.runs} ${row.isCritical ? css.onPath : ""}`}
            title={`${text.bars(one.count)}\n${states[one.state] ?? one.state}`}
            style={{
              left: percent(one.from),
              width: percent(one.to - one.from),
              background: colour(one.state),
            }}
          />
        ))}
      </div>
    );
  return (
    <div className={css.bars} onClick={onChoose} aria-hidden="true">
      {row.bars.map((bar) => {
        const waits = place(bar.queued, bar.start, span);
        const runs = place(bar.start, bar.end, span);
        return (
          <span key={`${bar.map}.${bar.try}`} title={said(bar)}>
            {waits && <i className={css.waits} style={waits} />}
            {runs && (
              <i
                className={`${css.runs} ${row.isCritical ? css.onPath : ""}`}
                style={{ ...runs, background: colour(bar.state) }}
              />
            )}
          </span>
        );
      })}
    </div>
  );
}

export function Ticks({ span, mark }: { span: Span; mark: number | null }) {
  const worded = useMoment();
  const isFine = span.end - span.start < 60_000;
  const name = (at: number) => {
    const iso = new Date(at).toISOString();
    const clock = worded(iso).slice(11);
    return isFine ? `${clock}.${iso.slice(20, 21)}` : clock;
  };
  return (
    <div className={css.ticks}>
      {ticks(span, 8).map((at) => (
        <span key={at} style={{ left: percent(part(at, span)) }}>
          {name(at)}
        </span>
      ))}
      {mark !== null && <b className={css.mark} style={{ left: percent(part(mark, span)) }} />}
    </div>
  );
}
