/** The slots that a pool, or the executor, will have taken over time. */

import { useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import css from "./ahead.module.css";
import { columnsOf, type Load } from "./load";
import { words } from "./words";

const percent = (share: number) => `${share * 100}%`;

export function LoadChart({ load }: { load: Load }) {
  const text = useWords(words);
  const worded = useMoment();
  const columns = columnsOf(load);
  const peak = Math.max(...columns.map((one) => one.peak));
  const full = columns.filter((one) => one.isFull).length;
  const name = load.is_pool ? load.name : text.executor;
  return (
    <div className={css.load}>
      <div className={css.name}>
        <span>{name}</span>
        <small className={css.soft}>{text.slots(load.slots)}</small>
      </div>
      <div
        role="img"
        aria-label={`${name}: ${text.highest(peak)}, ${text.full(full)}`}
        className={css.columns}
      >
        {columns.map((one) => (
          <span
            key={one.since}
            title={text.step(worded(one.since), one.mean.toFixed(1), one.peak)}
            data-full={one.isFull || undefined}
          >
            <i style={{ height: percent(one.peakShare) }} />
            <b style={{ height: percent(one.meanShare) }} />
          </span>
        ))}
      </div>
      <small className={full ? css.full : css.soft}>
        {text.highest(peak)}, {text.full(full)}
      </small>
    </div>
  );
}
