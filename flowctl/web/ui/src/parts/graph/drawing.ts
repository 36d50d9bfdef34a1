/** What a graph is drawn from, whatever its nodes are: tasks, DAGs, assets. */

import type { Point, Rect, Route } from "@/layout/model";

export interface Look {
  label: string;
  /** A second line. */
  note?: string | undefined;
  kind: "task" | "group" | "asset" | "dag";
  /** Undefined where it has none. */
  state?: string | null | undefined;
  /** How many of its instances, or tasks, are in which state. */
  counts?: Record<string, number> | undefined;
  isMapped?: boolean;
  mark?: "setup" | "teardown" | undefined;
  /** Said when it is pointed at. */
  tooltip: string;
  color?: string | undefined;
  /** Whether it can be folded, and how it is now. */
  fold?: "open" | "folded" | undefined;
}

/** Return the path of an edge: straight along the layers, curved between them. */
export function pathOf({ points }: Route, isWide: boolean): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let before = first;
  let path = `M${round(first)}`;
  for (const point of rest) {
    const isStraight = isWide ? point.y === before.y : point.x === before.x;
    path += isStraight ? `L${round(point)}` : curve(before, point, isWide);
    before = point;
  }
  return path;
}

function round({ x, y }: Point): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}

function curve(from: Point, to: Point, isWide: boolean): string {
  const middle = isWide ? (from.x + to.x) / 2 : (from.y + to.y) / 2;
  const a = isWide ? { x: middle, y: from.y } : { x: from.x, y: middle };
  const b = isWide ? { x: middle, y: to.y } : { x: to.x, y: middle };
  return `C${round(a)} ${round(b)} ${round(to)}`;
}

/** Return the box around an edge. */
export function extentOf({ points }: Route): Rect {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const x = Math.min(...xs);
  const y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

/** Return about how wide a text is, in px at 13 px: characters of East Asia take twice the room. */
export function textWidth(text: string): number {
  let width = 0;
  for (const letter of text) width += letter > "\u1100" ? 13 : 7.2;
  return Math.ceil(width);
}

/** Shorten a text in its middle: ends of ids tell more than their begin. */
export function shortened(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  const letters = [...text];
  const half = Math.max(2, Math.floor(((width - 13) / textWidth(text)) * letters.length * 0.5));
  return `${letters.slice(0, half).join("")}…${letters.slice(-half).join("")}`;
}
