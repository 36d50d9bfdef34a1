/** Bars over runs, with lines, the median, and the numbers of the bar that is pointed at. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { rove } from "@/parts/roving";
import { colour, StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment } from "@/time/useMoment";
import { type Bar, linesTo, medianOf, mostOf } from "./chart";
import css from "./durations.module.css";
import { words } from "./words";

interface Part {
  name: "waited" | "ran" | "landed";
  value: number | null;
}

interface Props {
  dagId: string;
  task: string | undefined;
  name: string;
  hint: string;
  bars: Bar[];
  /** The parts of a bar, the lowest first. */
  partsOf: (bar: Bar) => Part[];
  /** What the median is of. */
  measured: (bar: Bar) => number | null;
}

const heightOf = (parts: Part[]) =>
  parts.reduce((sum, { value }) => sum + Math.max(0, value ?? 0), 0);

export function Chart({ dagId, task, name, hint, bars, partsOf, measured }: Props) {
  const text = useWords(words);
  const [pointed, setPointed] = useState<number>();
  const lines = linesTo(mostOf(bars.map((bar) => heightOf(partsOf(bar)))));
  const most = lines.at(-1) ?? 1;
  const median = medianOf(bars.map(measured));
  const shown = pointed === undefined ? undefined : bars[pointed];
  return (
    <section className={css.chart} aria-label={name}>
      <h2>{name}</h2>
      <p className={css.hint}>{hint}</p>
      <div className={css.scroll}>
        <div className={css.plot} style={{ minWidth: 64 + bars.length * 5 }}>
          {lines.map((line) => (
            <div key={line} className={css.line} style={{ bottom: `${(line / most) * 100}%` }}>
              <span>{line === 0 ? "0" : duration(line)}</span>
            </div>
          ))}
          <ul
            className={css.bars}
            aria-label={text.chart(name)}
            onKeyDown={rove}
            onPointerLeave={() => setPointed(undefined)}
            onBlur={() => setPointed(undefined)}
          >
            {bars.map((bar, at) => (
              <li key={bar.run.run_id} data-state={bar.run.state}>
                <One
                  {...{ dagId, task, bar, at, most }}
                  parts={partsOf(bar)}
                  isLast={at === bars.length - 1}
                  onPoint={() => setPointed(at)}
                />
              </li>
            ))}
          </ul>
          {median !== null && median > 0 && (
            <div className={css.median} style={{ bottom: `${(median / most) * 100}%` }}>
              <span>{text.median(duration(median))}</span>
            </div>
          )}
          {shown && pointed !== undefined && (
            <Tip bar={shown} parts={partsOf(shown)} share={(pointed + 0.5) / bars.length} />
          )}
        </div>
        <Ends bars={bars} />
      </div>
    </section>
  );
}

/** From when to when the bars go. */
function Ends({ bars }: { bars: Bar[] }) {
  const worded = useMoment();
  const ends = [bars[0], bars.length > 1 ? bars.at(-1) : undefined];
  return (
    <div className={css.ends}>
      {ends.map((bar, at) => (
        <span key={at}>{worded(bar?.run.logical_date).slice(0, 16)}</span>
      ))}
    </div>
  );
}

interface OneProps {
  dagId: string;
  task: string | undefined;
  bar: Bar;
  parts: Part[];
  at: number;
  most: number;
  isLast: boolean;
  onPoint: () => void;
}

function One({ dagId, task, bar, parts, at, most, isLast, onPoint }: OneProps) {
  const { run } = bar;
  const label = useLabel()(bar, parts);
  return (
    <Link
      to="/dags/$dagId"
      params={{ dagId }}
      search={{ run: run.run_id, ...(task ? { task } : {}) }}
      className={css.bar}
      data-at={`${at} 0`}
      tabIndex={isLast ? 0 : -1}
      aria-label={label}
      onPointerEnter={onPoint}
      onFocus={onPoint}
    >
      {parts.map(({ name, value }) => (
        <span
          key={name}
          data-part={name}
          style={{
            height: `${(Math.max(0, value ?? 0) / most) * 100}%`,
            background: name === "waited" ? "var(--state-queued)" : colour(run.state),
          }}
        />
      ))}
    </Link>
  );
}

function useLabel(): (bar: Bar, parts: Part[]) => string {
  const text = useWords(words);
  const { states } = useText();
  const worded = useMoment();
  return ({ run }, parts) => {
    const times = parts.map(({ name, value }) =>
      value === null ? "" : `${text[name]} ${duration(value)}`,
    );
    return [worded(run.logical_date), states[run.state] ?? run.state, ...times]
      .filter(Boolean)
      .join(", ");
  };
}

/** The numbers of one bar, beside it: on the side that has more room. */
function Tip({ bar, parts, share }: { bar: Bar; parts: Part[]; share: number }) {
  const text = useWords(words);
  const worded = useMoment();
  const place =
    share < 0.5
      ? { left: `calc(${share * 100}% + 28px)` }
      : { right: `calc(${(1 - share) * 100}% + 28px)` };
  const told = parts.filter(({ name, value }) => name !== "waited" || value !== null);
  return (
    <div className={css.tipRail} aria-hidden="true">
      <div className={css.tip} style={place}>
        <strong>{worded(bar.run.logical_date)}</strong>
        <span>{bar.run.run_id}</span>
        <StateMark state={bar.run.state} />
        {told.map(({ name, value }) => (
          <span key={name}>
            {text[name]} {value === null ? text.notEnded : duration(value)}
          </span>
        ))}
      </div>
    </div>
  );
}
