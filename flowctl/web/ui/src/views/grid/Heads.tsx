/** The heads of the columns: how long each run took, its state and kind. */

import { CalendarClock, Database, History, Play } from "lucide-react";
import { memo } from "react";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment } from "@/time/useMoment";
import { colour } from "@/parts/StateMark";
import { useSteady } from "@/parts/useSteady";
import css from "./grid.module.css";
import { COLUMN } from "./paint";
import { secondsOf, type Span, topOf } from "./scale";
import type { GridRun } from "./useRuns";
import { words } from "./words";

export const HEAD = 96;
const BAR = 64;

const KINDS = {
  scheduled: CalendarClock,
  manual: Play,
  backfill: History,
  dataset_triggered: Database,
};

interface Props {
  runs: GridRun[];
  span: Span;
  left: number;
  names: number;
  width: number;
  now: number;
  chosen: Span | undefined;
  isLoading: boolean;
  onChoose: (column: number, isWidening: boolean) => void;
}

export function Heads({ runs, span, left, names, width, now, chosen, isLoading, onChoose }: Props) {
  const text = useWords(words);
  const choose = useSteady(onChoose);
  const visible = runs.slice(span.first, span.end);
  const top = topOf(visible.map((run) => secondsOf(run, now)));
  return (
    <div className={css.heads} style={{ height: HEAD }}>
      {visible.length > 0 && <Scale top={top} names={names} />}
      <div
        role={visible.length > 0 ? "row" : undefined}
        className={css.bars}
        style={{ left: names, width: Math.max(0, width - names) }}
      >
        <div style={{ transform: `translateX(${left - names}px)` }}>
          {visible.map((run, at) => (
            <Head
              key={run.run_id}
              run={run}
              column={span.first + at}
              share={secondsOf(run, now) / top}
              seconds={secondsOf(run, now)}
              isChosen={
                chosen ? span.first + at >= chosen.first && span.first + at < chosen.end : false
              }
              isNewVersion={
                span.first + at > 0 && runs[span.first + at - 1]?.version !== run.version
              }
              onChoose={choose}
            />
          ))}
        </div>
      </div>
      {isLoading && (
        <span aria-hidden="true" className={css.loading} style={{ left: names + 4 }}>
          {text.older}
        </span>
      )}
    </div>
  );
}

function Scale({ top, names }: { top: number; names: number }) {
  return (
    <div className={css.scale} aria-hidden="true">
      {[1, 0.5].map((share) => (
        <div key={share} className={css.tick} style={{ top: 4 + BAR * (1 - share), left: 0 }}>
          <span style={{ width: names }}>{duration(top * share)}</span>
        </div>
      ))}
    </div>
  );
}

interface HeadProps {
  run: GridRun;
  column: number;
  share: number;
  seconds: number;
  isChosen: boolean;
  isNewVersion: boolean;
  onChoose: (column: number, isWidening: boolean) => void;
}

const Head = memo(function Head(props: HeadProps) {
  const { run, column, share, seconds, isChosen, isNewVersion, onChoose } = props;
  const text = useWords(words);
  const shared = useText();
  const worded = useMoment();
  const Kind = KINDS[run.run_type];
  const name = [
    worded(run.logical_date) || run.run_id,
    shared.states[run.state],
    shared.runTypes[run.run_type],
    run.start_date ? duration(seconds) : "",
    isNewVersion ? text.version(run.version) : "",
    run.note ?? "",
  ];
  return (
    <div role="columnheader" className={css.cell}>
      <button
        type="button"
        tabIndex={-1}
        className={css.runHead}
        style={{ left: column * COLUMN, width: COLUMN, height: HEAD }}
        aria-pressed={isChosen}
        aria-label={`${run.run_id}: ${name.filter(Boolean).join(", ")}`}
        title={`${run.run_id}\n${name.filter(Boolean).join("\n")}`}
        data-version={isNewVersion || undefined}
        onClick={(event) => onChoose(column, event.shiftKey)}
      >
        <span
          className={css.bar}
          style={{ height: Math.max(3, Math.min(1, share) * BAR), background: colour(run.state) }}
        />
        <Kind size={12} aria-hidden="true" />
        {run.note && <span className={css.noted} />}
      </button>
    </div>
  );
});
