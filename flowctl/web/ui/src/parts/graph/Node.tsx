/** One node of a drawing, and one group. */

import { memo } from "react";
import type { Rect } from "@/layout/model";
import { colour, StateSign } from "@/parts/StateMark";
import { type Look, shortened } from "./drawing";
import css from "./graph.module.css";

interface Props {
  id: string;
  rect: Rect;
  look: Look;
  isDim: boolean;
  isSelected: boolean;
  isNext: boolean;
}

const SIGN = 16;

/** Nodes are found by `data-node`, folds by `data-fold`: one listener serves them all. */
export const Node = memo(function Node({ id, rect, look, isDim, isSelected, isNext }: Props) {
  const hasState = look.state !== undefined;
  const left = hasState ? SIGN + 18 : 12;
  const right = look.fold || look.mark ? 24 : 8;
  const names = [css.node, css[look.kind], isDim && css.dim, isSelected && css.selected];
  return (
    <g
      className={names.filter(Boolean).join(" ")}
      transform={`translate(${rect.x},${rect.y})`}
      data-node={id}
      role="button"
      tabIndex={isNext ? 0 : -1}
      aria-label={look.tooltip.replaceAll("\n", ", ")}
      aria-pressed={isSelected}
    >
      <title>{look.tooltip}</title>
      {(look.isMapped || look.fold) && (
        <rect className={css.behind} x="4" y="4" width={rect.width} height={rect.height} rx="6" />
      )}
      <rect
        className={css.card}
        width={rect.width}
        height={rect.height}
        rx={look.kind === "asset" ? rect.height / 2 : 6}
      />
      {hasState && (
        <g transform={`translate(10,${(rect.height - SIGN) / 2})`}>
          <StateSign state={look.state} />
        </g>
      )}
      <text
        aria-hidden="true"
        className={css.name}
        x={left}
        y={look.note ? rect.height / 2 - 3 : rect.height / 2 + 4.5}
      >
        {shortened(look.label, rect.width - left - right)}
      </text>
      {look.note && (
        <text aria-hidden="true" className={css.note} x={left} y={rect.height / 2 + 13}>
          {shortened(look.note, (rect.width - left - right) / 0.8)}
        </text>
      )}
      {look.mark && <Mark mark={look.mark} x={rect.width - 20} y={rect.height / 2} />}
      {look.fold && <Fold id={id} isOpen={false} x={rect.width - 22} y={rect.height / 2 - 9} />}
      {look.counts && <Counts counts={look.counts} width={rect.width} y={rect.height} />}
    </g>
  );
});

/** A setup points into the work, a teardown out of it. */
function Mark({ mark, x, y }: { mark: "setup" | "teardown"; x: number; y: number }) {
  const d = mark === "setup" ? "M0 4 5-3 10 4" : "M0-3 5 4 10-3";
  return <path className={css.mark} d={d} transform={`translate(${x},${y})`} />;
}

function Fold({ id, isOpen, x, y }: { id: string; isOpen: boolean; x: number; y: number }) {
  return (
    <g className={css.fold} data-fold={id} transform={`translate(${x},${y})`}>
      <rect width="18" height="18" rx="4" />
      <path d={isOpen ? "M5 9h8" : "M5 9h8M9 5v8"} />
    </g>
  );
}

/** How many are in which state, as parts of a line at the foot. */
function Counts({
  counts,
  width,
  y,
}: {
  counts: Record<string, number>;
  width: number;
  y: number;
}) {
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (all < 2) return null;
  const room = width - 12;
  let at = 6;
  return (
    <g transform={`translate(0,${y - 4})`}>
      {Object.entries(counts).map(([state, count]) => {
        const from = at;
        at += (count / all) * room;
        return (
          <rect key={state} x={from} width={at - from} height="3" fill={colour(state)}>
            <title>{`${state}: ${count}`}</title>
          </rect>
        );
      })}
    </g>
  );
}

export const Group = memo(function Group({
  id,
  rect,
  look,
  isDim,
}: Omit<Props, "isSelected" | "isNext">) {
  return (
    <g
      className={`${css.box} ${isDim ? css.dim : ""}`}
      transform={`translate(${rect.x},${rect.y})`}
      data-group={id}
    >
      <title>{look.tooltip}</title>
      <rect width={rect.width} height={rect.height} rx="10" />
      <g transform="translate(10,8)">
        {look.state !== undefined && <StateSign state={look.state} size={14} />}
      </g>
      <text className={css.name} x={look.state === undefined ? 12 : 32} y="20">
        {shortened(look.label, rect.width - 64)}
      </text>
      {look.fold && <Fold id={id} isOpen x={rect.width - 26} y={6} />}
    </g>
  );
});
