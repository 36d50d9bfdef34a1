/** Which lines of a log a page holds: a stretch without gaps, of bounded length. */

export interface LogLine {
  /** Its place in the log, in bytes. */
  start: number;
  text: string;
}

/** What the API answers: lines between two places of a log of `size` bytes. */
export interface Piece {
  lines: LogLine[];
  start: number;
  end: number;
  size: number;
  /** Nothing follows, now or later. */
  is_last: boolean;
}

export interface Held extends Piece {
  /** The number of the first line, as people count; undefined until the begin was seen. */
  first: number | undefined;
}

/** So many lines are held at most: what is far from where one reads is let go, and read again. */
export const HELD_MAX = 10_000;

/** A log up to this size is read as a whole. */
export const WHOLE_BYTES = 1 << 20;

/** Hold a piece that has nothing to do with what was held. */
export function held(piece: Piece): Held {
  return { ...piece, first: piece.start === 0 ? 1 : undefined };
}

/** Add what follows; let go of lines at the begin. */
export function withNewer(before: Held, piece: Piece, most = HELD_MAX): Held {
  const lines = before.lines.concat(piece.lines);
  const gone = Math.max(0, lines.length - most);
  const kept = lines.slice(gone);
  return {
    ...piece,
    lines: kept,
    start: gone > 0 ? (kept[0]?.start ?? piece.start) : before.start,
    first: before.first === undefined ? undefined : before.first + gone,
  };
}

/** Add what comes before; let go of lines at the end. */
export function withOlder(before: Held, piece: Piece, most = HELD_MAX): Held {
  const lines = piece.lines.concat(before.lines);
  const next = lines[most];
  const numbered = before.first === undefined ? undefined : before.first - piece.lines.length;
  return {
    lines: lines.slice(0, most),
    start: piece.start,
    end: next ? next.start : before.end,
    size: Math.max(before.size, piece.size),
    is_last: before.is_last && !next,
    first: piece.start === 0 ? 1 : numbered,
  };
}

export const isWhole = ({ start, end, size }: Held) => start === 0 && end >= size;

const LINE_BYTES = 1 << 16; // an unfinished line may be as long: it is read when it is finished

/** Say whether what is held ends where the log does, for now. */
export const growsOn = ({ end, size, is_last }: Held) => !is_last && size - end <= LINE_BYTES;

/** Return where the line at a place is; the nearest before it when it is not held. */
export function indexOf(lines: readonly LogLine[], place: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as LogLine).start <= place) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
