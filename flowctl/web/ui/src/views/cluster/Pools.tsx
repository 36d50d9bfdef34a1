/** How full the pools and the executor are. */

import { colour } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import css from "./cluster.module.css";
import { byNeed, type Dashboard, filled, type Piece, type PoolUse } from "./parts";
import { words } from "./words";

function Meter({ name, pieces, of }: { name: string; pieces: Piece[]; of: number | null }) {
  const text = useWords(words);
  const { states } = useText();
  const held = pieces.reduce((sum, piece) => sum + piece.count, 0);
  const said = pieces.map(({ state, count }) => `${count} ${states[state] ?? state}`);
  return (
    <div
      role="meter"
      aria-label={name}
      aria-valuemin={0}
      aria-valuemax={Math.max(of ?? held, held, 1)}
      aria-valuenow={held}
      aria-valuetext={[text.of(held, of), ...said].join(", ")}
      title={said.join("\n")}
      className={css.meter}
    >
      {pieces.map(({ state, count }) => (
        <span
          key={state}
          style={{
            width: `${Math.min(100, (count / Math.max(of ?? held, held, 1)) * 100)}%`,
            background: colour(state),
          }}
        />
      ))}
    </div>
  );
}

export function Slots({ use }: { use: Dashboard["executor"] }) {
  const text = useWords(words);
  const pieces = [
    { state: "running", count: use.running },
    { state: "queued", count: use.queued },
  ].filter((piece) => piece.count > 0);
  return (
    <div className={css.pool}>
      <span>{text.executor}</span>
      <Meter name={text.executor} pieces={pieces} of={use.slots} />
      <span className={css.number}>{text.of(use.running + use.queued, use.slots)}</span>
      {use.deferred > 0 && <small className={css.soft}>{text.deferred(use.deferred)}</small>}
    </div>
  );
}

export function Pools({ pools }: { pools: PoolUse[] }) {
  const text = useWords(words);
  return byNeed(pools).map((pool) => {
    const { held, pieces, waiting } = filled(pool);
    return (
      <div key={pool.name} className={css.pool}>
        <span>{pool.name}</span>
        <Meter name={pool.name} pieces={pieces} of={pool.slots} />
        <span className={css.number}>{text.of(held, pool.slots)}</span>
        {waiting > 0 && <small className={css.soft}>{text.waits(waiting)}</small>}
      </div>
    );
  });
}
