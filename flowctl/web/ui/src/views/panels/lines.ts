/** Log text as lines: their levels, ANSI colours, and where the first error is. */

export type Level = "error" | "warning" | "info" | "debug" | "";

const LEVEL = /\b(ERROR|CRITICAL|FATAL|WARNING|WARN|INFO|DEBUG)\b/;
const NAMES: Record<string, Level> = {
  ERROR: "error",
  CRITICAL: "error",
  FATAL: "error",
  WARNING: "warning",
  WARN: "warning",
  INFO: "info",
  DEBUG: "debug",
};
const TRACEBACK = /^\s*(\S+ \| )?Traceback \(most recent call last\)|Traceback \(most recent/;
const EXCEPTION = /^\s*[A-Za-z_][\w.]*(Error|Exception|Interrupt|Exit)\b/;

/** Return what a line says about itself; "" when it says nothing. */
export function levelOf(line: string): Level {
  if (TRACEBACK.test(line) || EXCEPTION.test(line)) return "error";
  return NAMES[LEVEL.exec(line.slice(0, 200))?.[1] ?? ""] ?? "";
}

interface Said {
  text: string;
}

// Lines come and go by the thousand while one scrolls: each is looked at once.
const kinds = new WeakMap<Said, "traceback" | "error" | "">();

function kindOf(line: Said): "traceback" | "error" | "" {
  const known = kinds.get(line);
  if (known !== undefined) return known;
  const { text } = line;
  const found = TRACEBACK.test(text) ? "traceback" : levelOf(text) === "error" ? "error" : "";
  kinds.set(line, found);
  return found;
}

/** Return where to look first: a traceback, else a line of level error; -1: nothing went wrong. */
export function firstError(lines: readonly Said[]): number {
  const traceback = lines.findIndex((line) => kindOf(line) === "traceback");
  return traceback >= 0 ? traceback : lines.findIndex((line) => kindOf(line) === "error");
}

/** Return the places of lines that hold a text, whatever its case. */
export function matches(lines: readonly Said[], wanted: string): number[] {
  const needle = wanted.toLowerCase();
  if (!needle) return [];
  return lines.flatMap(({ text }, place) => (text.toLowerCase().includes(needle) ? [place] : []));
}

export interface Piece {
  text: string;
  colour: number | undefined;
  isBold: boolean;
}

// eslint-disable-next-line no-control-regex
const ESCAPE = /\x1b\[([\d;]*)([A-Za-z])/g;

/** Split a line at its ANSI escapes; colours are 0 to 7, other escapes are left out. */
export function pieces(line: string): Piece[] {
  const found: Piece[] = [];
  let [at, colour, isBold] = [0, undefined as number | undefined, false];
  const add = (text: string) => text && found.push({ text, colour, isBold });
  for (const match of line.matchAll(ESCAPE)) {
    add(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] !== "m") continue;
    for (const code of (match[1] || "0").split(";").map(Number)) {
      if (code === 0) [colour, isBold] = [undefined, false];
      else if (code === 1) isBold = true;
      else if (code === 22) isBold = false;
      else if (code === 39) colour = undefined;
      else if (code >= 30 && code <= 37) colour = code - 30;
      else if (code >= 90 && code <= 97) colour = code - 90;
    }
  }
  add(line.slice(at));
  return found;
}
