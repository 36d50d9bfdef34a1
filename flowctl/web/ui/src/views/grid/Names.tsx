/** The names of the rows: groups fold, tasks are selected. */

import { memo } from "react";
import { useSteady } from "@/parts/useSteady";
import { useWords } from "@/text/text";
import css from "./grid.module.css";
import { HEAD } from "./Heads";
import { ROW } from "./paint";
import type { Span } from "./scale";
import type { Row } from "./tree";
import { words } from "./words";

const INDENT = 14;
// Plain paths: dozens of rows a frame come and go while one scrolls.
const DOWN = "m6 9 6 6 6-6";
const RIGHT = "m9 18 6-6-6-6";
const FUNNEL = "M3 5h18l-7 8v6l-4-2v-4z";

interface Props {
  rows: Row[];
  span: Span;
  top: number;
  width: number;
  chosen: Span | undefined;
  onFold: (group: string) => void;
  onRoot: (id: string) => void;
  onChoose: (row: number) => void;
}

export function Names({ rows, span, top, width, chosen, onFold, onRoot, onChoose }: Props) {
  const fold = useSteady(onFold);
  const root = useSteady(onRoot);
  const choose = useSteady(onChoose);
  return (
    <div className={css.names} style={{ width, top: HEAD }}>
      <div style={{ transform: `translateY(${top}px)` }}>
        {rows.slice(span.first, span.end).map((row, at) => {
          const place = span.first + at;
          return (
            <Name
              key={row.id}
              row={row}
              place={place}
              isChosen={chosen ? place >= chosen.first && place < chosen.end : false}
              onFold={fold}
              onRoot={root}
              onChoose={choose}
            />
          );
        })}
      </div>
    </div>
  );
}

interface NameProps extends Pick<Props, "onFold" | "onRoot" | "onChoose"> {
  row: Row;
  place: number;
  isChosen: boolean;
}

const Name = memo(function Name({ row, place, isChosen, onFold, onRoot, onChoose }: NameProps) {
  const text = useWords(words);
  const indent = { paddingInlineStart: 8 + row.depth * INDENT };
  return (
    <div
      role="row"
      className={css.name}
      data-chosen={isChosen || undefined}
      style={{ top: place * ROW, height: ROW }}
    >
      <div role="rowheader" className={css.cell}>
        {row.isGroup ? (
          <button
            type="button"
            tabIndex={-1}
            style={indent}
            aria-expanded={!row.isFolded}
            aria-label={row.isFolded ? text.unfold(row.label) : text.fold(row.label)}
            title={row.id}
            className={css.group}
            onClick={() => onFold(row.id)}
          >
            <Sign path={row.isFolded ? RIGHT : DOWN} size={14} />
            <span>{row.label}</span>
            <small>{row.places.length}</small>
          </button>
        ) : (
          <button
            type="button"
            tabIndex={-1}
            style={indent}
            title={`${row.id}\n${row.operator}`}
            onClick={() => onChoose(place)}
          >
            <span>{row.label}</span>
            {row.isMapped && <small>[ ]</small>}
          </button>
        )}
        <button
          type="button"
          tabIndex={-1}
          className={css.only}
          aria-label={`${text.root}: ${row.id}`}
          title={text.root}
          onClick={() => onRoot(row.id)}
        >
          <Sign path={FUNNEL} size={12} />
        </button>
      </div>
    </div>
  );
});

function Sign({ path, size }: { path: string; size: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={path} />
    </svg>
  );
}
