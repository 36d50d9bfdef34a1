/** The names of the rows: groups fold, tasks are selected. */

import { ChevronDown, ChevronRight, Filter } from "lucide-react";
import { useWords } from "@/text/text";
import css from "./grid.module.css";
import { HEAD } from "./Heads";
import { ROW } from "./paint";
import type { Span } from "./scale";
import type { Row } from "./tree";
import { words } from "./words";

const INDENT = 14;

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
  const text = useWords(words);
  return (
    <div className={css.names} style={{ width, top: HEAD }}>
      {rows.slice(span.first, span.end).map((row, at) => {
        const place = span.first + at;
        const isChosen = chosen ? place >= chosen.first && place < chosen.end : false;
        const indent = { paddingInlineStart: 8 + row.depth * INDENT };
        return (
          <div
            key={row.id}
            className={css.name}
            data-chosen={isChosen || undefined}
            style={{ top: top + place * ROW, height: ROW }}
          >
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
                {row.isFolded ? <ChevronRight size={14} /> : <ChevronDown size={14} />}
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
              <Filter size={12} />
            </button>
          </div>
        );
      })}
    </div>
  );
}
