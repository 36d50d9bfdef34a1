/** Draws the cells of a grid on a canvas: thousands in a few ms. */

import { SIGNS } from "@/parts/StateMark";
import { SEVERITY } from "@/parts/severity";
import type { Cell } from "./cells";
import type { Span } from "./scale";

export const COLUMN = 20;
export const ROW = 24;
const CELL = 16;

export interface Paints {
  line: string;
  chosen: string;
  accent: string;
  sheet: string;
  states: Map<string, string>;
  stamps: Map<string, HTMLCanvasElement>;
}

/** Resolve the colours of the theme, and draw the mark of each state once. */
export function paintsOf(place: HTMLElement, ratio: number): Paints {
  const probe = place.appendChild(document.createElement("span"));
  const resolved = (name: string) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const states = new Map(SEVERITY.map((state) => [state, resolved(`--state-${state}`)]));
  const paints = {
    line: resolved("--line"),
    chosen: resolved("--chosen"),
    accent: resolved("--accent"),
    sheet: resolved("--sheet"),
    states,
    stamps: new Map(SEVERITY.map((state) => [state, stamp(state, states.get(state) ?? "", ratio)])),
  };
  probe.remove();
  return paints;
}

function stamp(state: string, colour: string, ratio: number): HTMLCanvasElement {
  const made = document.createElement("canvas");
  made.width = made.height = CELL * ratio;
  const context = made.getContext("2d") as CanvasRenderingContext2D;
  context.scale((CELL / 16) * ratio, (CELL / 16) * ratio);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(0, 0, 16, 16, 4);
  context.fill();
  const sign = SIGNS[state];
  if (sign) {
    context.strokeStyle = state === "running" ? "#0b3d1a" : "#fff";
    context.lineWidth = 1.8;
    context.lineCap = context.lineJoin = "round";
    context.stroke(new Path2D(sign));
  }
  return made;
}

export interface Scene {
  width: number;
  height: number;
  ratio: number;
  /** Where the first column and row lie, from the left and top of the canvas. */
  left: number;
  top: number;
  columns: Span;
  rows: Span;
  cell: (row: number, column: number) => Cell;
  isRule: (column: number) => boolean;
  /** The rectangle that is selected. */
  chosen: { rows: Span; columns: Span } | undefined;
  hovered: { row: number; column: number } | undefined;
}

/** Draw what is seen. */
export function paint(context: CanvasRenderingContext2D, scene: Scene, paints: Paints): void {
  const { ratio, left, top, columns, rows } = scene;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, scene.width, scene.height);
  bands(context, scene, paints);
  for (let column = columns.first; column < columns.end; column++) {
    const x = left + column * COLUMN + (COLUMN - CELL) / 2;
    for (let row = rows.first; row < rows.end; row++) {
      const y = top + row * ROW + (ROW - CELL) / 2;
      one(context, scene.cell(row, column), x, y, paints);
    }
  }
  frame(context, scene, paints);
}

function bands(context: CanvasRenderingContext2D, scene: Scene, paints: Paints): void {
  const { left, top, chosen, hovered, columns } = scene;
  context.fillStyle = paints.chosen;
  const column = (at: number, count: number) =>
    context.fillRect(left + at * COLUMN, 0, count * COLUMN, scene.height);
  if (chosen) {
    column(chosen.columns.first, chosen.columns.end - chosen.columns.first);
    const { first, end } = chosen.rows;
    context.fillRect(0, top + first * ROW, scene.width, (end - first) * ROW);
  }
  context.globalAlpha = 0.5;
  if (hovered) {
    column(hovered.column, 1);
    context.fillRect(0, top + hovered.row * ROW, scene.width, ROW);
  }
  context.globalAlpha = 1;
  context.fillStyle = paints.line;
  for (let at = columns.first; at < columns.end; at++) {
    if (scene.isRule(at)) context.fillRect(left + at * COLUMN, 0, 1, scene.height);
  }
}

function one(
  context: CanvasRenderingContext2D,
  cell: Cell,
  x: number,
  y: number,
  paints: Paints,
): void {
  if (!cell.state) return;
  if (!cell.counts || cell.counts.length < 2) {
    const mark = paints.stamps.get(cell.state);
    if (mark) context.drawImage(mark, x, y, CELL, CELL);
    if (cell.counts) corner(context, x, y, paints);
    return;
  }
  const all = cell.counts.reduce((sum, [, count]) => sum + count, 0);
  let from = y;
  for (const [state, count] of cell.counts) {
    const size = Math.max(4, (count / all) * CELL);
    context.fillStyle = paints.states.get(state) ?? "";
    context.fillRect(x, from, CELL, Math.min(size, y + CELL - from));
    from += size;
  }
  corner(context, x, y, paints);
}

/** Mark a cell that stands for several by a cut corner. */
function corner(context: CanvasRenderingContext2D, x: number, y: number, paints: Paints): void {
  context.fillStyle = paints.sheet;
  context.beginPath();
  context.moveTo(x + CELL - 5, y + CELL);
  context.lineTo(x + CELL, y + CELL - 5);
  context.lineTo(x + CELL, y + CELL);
  context.fill();
}

function frame(context: CanvasRenderingContext2D, scene: Scene, paints: Paints): void {
  const { chosen, left, top } = scene;
  if (!chosen) return;
  const { rows, columns } = chosen;
  context.strokeStyle = paints.accent;
  context.lineWidth = 2;
  context.strokeRect(
    left + columns.first * COLUMN + 1,
    top + rows.first * ROW + 1,
    (columns.end - columns.first) * COLUMN - 2,
    (rows.end - rows.first) * ROW - 2,
  );
}
