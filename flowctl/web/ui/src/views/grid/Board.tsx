/** The board of cells: what is seen of it is drawn on a canvas; names and run heads are buttons. */

import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from "react";
import { type Deed, useDeed } from "@/views/actions/deeds";
import { NOTHING, useSelection } from "@/views/dag/selection";
import { useText, useWords } from "@/text/text";
import { useNow } from "@/time/useMoment";
import { Help } from "./Filters";
import { type Cell, cellOf } from "./cells";
import css from "./grid.module.css";
import { Heads, HEAD } from "./Heads";
import { Names } from "./Names";
import { COLUMN, ROW } from "./paint";
import { corner, moved, rectangle, targetsOf, type Corner } from "./cursor";
import { seen, shown } from "./scale";
import type { Row } from "./tree";
import { useCanvas } from "./useCanvas";
import { useWindow } from "./useWindow";
import type { GridRun } from "./useRuns";
import { words } from "./words";

interface Props {
  rows: Row[];
  runs: GridRun[];
  states: string[];
  groups: string[];
  folded: ReadonlySet<string>;
  setFolded: (folded: Set<string>) => void;
  setRoot: (root: string) => void;
  isLoading: boolean;
  loadOlder: (() => void) | undefined;
}

const NEAR = 8; // columns left before the oldest when more are asked for

export function Board(props: Props) {
  const { rows, runs, states, folded, setFolded, loadOlder } = props;
  const text = useWords(words);
  const [selection, select] = useSelection();
  const deed = useDeed();
  const scroller = useRef<HTMLDivElement>(null);
  const view = useWindow(scroller, runs.length * COLUMN);
  const names = view.width < 700 ? 140 : 300;
  const now = useNow(runs.some((run) => run.state === "running"));
  const [anchor, setAnchor] = useState<Corner | undefined>();
  const [atGroup, setAtGroup] = useState<string | undefined>();
  const [hovered, setHovered] = useState<{ row: number; column: number } | undefined>();
  const [isHelping, setHelping] = useState(false);

  const cursor = useMemo(
    () => corner(rows, runs, selection.run, selection.task ?? atGroup),
    [rows, runs, selection.run, selection.task, atGroup],
  );
  const chosen = rectangle(cursor, anchor);
  const columns = seen(view.left, view.width - names, COLUMN, runs.length);
  const lines = seen(view.top, view.height - HEAD, ROW, rows.length);
  const cell = (row: number, column: number): Cell =>
    cellOf(runs[column] as GridRun, rows[row] as Row, states);
  const canvas = useCanvas({
    width: Math.max(0, view.width - names),
    height: Math.max(0, view.height - HEAD),
    left: -view.left,
    top: -view.top,
    columns,
    rows: lines,
    cell,
    isRule: (at) => at > 0 && runs[at]?.version !== runs[at - 1]?.version,
    chosen,
    hovered,
  });

  useEffect(() => {
    if (loadOlder && view.width > 0 && columns.first < NEAR) loadOlder();
  }, [loadOlder, columns.first, view.width]);
  const follow = useEffectEvent(() => {
    const place = scroller.current;
    if (!place || !cursor) return;
    place.scrollLeft = shown(cursor.column, COLUMN, place.scrollLeft, place.clientWidth - names);
    if (cursor.row >= 0)
      place.scrollTop = shown(cursor.row, ROW, place.scrollTop, place.clientHeight - HEAD);
  });
  // Only a move of the cursor scrolls; new runs and folding do not.
  useLayoutEffect(() => follow(), [selection.run, selection.task, atGroup]);

  function go(to: Corner, isWidening = false): void {
    const row = rows[to.row];
    const run = runs[to.column];
    if (!run) return;
    setAnchor(isWidening ? (anchor ?? cursor) : undefined);
    setAtGroup(row?.isGroup ? row.id : undefined);
    select({ run: run.run_id, task: row && !row.isGroup ? row.id : undefined });
  }
  function fold(group: string): void {
    const next = new Set(folded);
    if (!next.delete(group)) next.add(group);
    setFolded(next);
  }
  function act(kind: "clear" | "success" | "failed"): void {
    const targets = chosen ? targetsOf(chosen, rows, runs, selection) : [];
    if (targets.length > 0) deed({ kind, targets });
  }
  const letters: Record<string, () => void> = {
    c: () => act("clear"),
    s: () => act("success"),
    f: () => act("failed"),
    t: () => deed({ kind: "trigger" } satisfies Deed),
    g: () => setFolded(new Set(folded.size > 0 ? [] : props.groups)),
    "?": () => setHelping(true),
    Escape: () => select(NOTHING),
    Enter: () => {
      const row = rows[cursor?.row ?? -1];
      if (row?.isGroup) fold(row.id);
      else document.getElementById("panel")?.focus();
    },
  };
  function onKeyDown(event: React.KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== scroller.current) return;
    const from = cursor ?? { row: -1, column: runs.length };
    const to = moved(event.key, from, rows.length, runs.length);
    const letter = letters[event.key];
    if (!to && !letter) return;
    event.preventDefault();
    if (to) go(to, event.shiftKey);
    else letter?.();
  }
  function cornerAt(event: React.MouseEvent): Corner | undefined {
    const box = event.currentTarget.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left + view.left) / COLUMN);
    const row = Math.floor((event.clientY - box.top + view.top) / ROW);
    return column < runs.length && row < rows.length ? { row, column } : undefined;
  }

  return (
    <div
      ref={scroller}
      className={css.scroller}
      role="grid"
      tabIndex={0}
      aria-label={text.label}
      aria-busy={props.isLoading}
      aria-rowcount={rows.length + 1}
      aria-colcount={runs.length + 1}
      aria-activedescendant={cursor ? "grid-cursor" : undefined}
      onKeyDown={onKeyDown}
    >
      <div
        style={{ width: names + runs.length * COLUMN + 12, height: HEAD + rows.length * ROW + 12 }}
      >
        <div className={css.window} style={{ width: view.width, height: view.height }}>
          <canvas
            ref={canvas}
            aria-hidden="true"
            className={css.canvas}
            style={{ left: names, top: HEAD }}
            onMouseMove={(event) => setHovered(cornerAt(event))}
            onMouseLeave={() => setHovered(undefined)}
            onClick={(event) => {
              const at = cornerAt(event);
              if (at) go(at, event.shiftKey);
              scroller.current?.focus({ preventScroll: true });
            }}
          />
          <Heads
            runs={runs}
            span={columns}
            left={names - view.left}
            names={names}
            width={view.width}
            now={now}
            chosen={chosen?.columns}
            isLoading={props.isLoading}
            onChoose={(column, isWidening) => go({ row: -1, column }, isWidening)}
          />
          <Names
            rows={rows}
            span={lines}
            top={-view.top}
            width={names}
            chosen={chosen?.rows}
            onFold={fold}
            onRoot={props.setRoot}
            onChoose={(row) => go({ row, column: cursor?.column ?? runs.length - 1 })}
          />
          {hovered && (
            <Tip
              words={
                <CellWords
                  run={runs[hovered.column]}
                  row={rows[hovered.row]}
                  cell={cell(hovered.row, hovered.column)}
                />
              }
              x={names - view.left + hovered.column * COLUMN}
              y={HEAD - view.top + (hovered.row + 1) * ROW}
              width={view.width}
              height={view.height}
            />
          )}
        </div>
      </div>
      {cursor && runs[cursor.column] && (
        <div role="row" className="visually-hidden">
          <div role="gridcell" id="grid-cursor" aria-selected="true">
            <CellWords
              run={runs[cursor.column]}
              row={rows[cursor.row]}
              cell={cursor.row < 0 ? undefined : cell(cursor.row, cursor.column)}
            />
          </div>
        </div>
      )}
      {isHelping && <Help onClose={() => setHelping(false)} />}
    </div>
  );
}

function CellWords({
  run,
  row,
  cell,
}: {
  run: GridRun | undefined;
  row: Row | undefined;
  cell: Cell | undefined;
}) {
  const text = useWords(words);
  const { states } = useText();
  if (!run) return null;
  const state = cell ? cell.state : run.state;
  const counts = cell?.counts?.map(([name, count]) => `${count} ${states[name] ?? name}`);
  return (
    <>
      {row && <strong>{row.label} </strong>}
      <span>{state ? (states[state] ?? state) : text.notIn} </span>
      {counts && <span>{text.counted(counts.join(", "))} </span>}
      <small>{run.run_id}</small>
    </>
  );
}

function Tip(props: {
  words: React.ReactNode;
  x: number;
  y: number;
  width: number;
  height: number;
}) {
  const isRight = props.x > props.width / 2;
  const isLow = props.y > props.height - 60;
  return (
    <div
      className={css.tip}
      style={{
        ...(isRight ? { right: props.width - props.x } : { left: props.x + COLUMN }),
        ...(isLow ? { bottom: props.height - props.y + ROW } : { top: props.y }),
      }}
    >
      {props.words}
    </div>
  );
}
