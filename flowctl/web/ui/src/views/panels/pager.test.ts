import { expect, test } from "vitest";
import { growsOn, held, indexOf, isWhole, type Piece, withNewer, withOlder } from "./pager";

/** Lines of ten bytes, from one number to before another, of a log of a hundred lines. */
function piece(from: number, to: number): Piece {
  const lines = Array.from({ length: to - from }, (_, at) => ({
    start: (from + at) * 10,
    text: `line ${from + at + 1}`,
  }));
  return { lines, start: from * 10, end: to * 10, size: 1000, is_last: to === 100 };
}

test("a log is read on at both ends, and never more of it is held than may be", () => {
  const end = held(piece(80, 100));
  const more = withOlder(end, piece(60, 80), 30);
  expect([more.lines[0]?.text, more.lines.length, more.end]).toEqual(["line 61", 30, 900]);
  const back = withNewer(more, piece(90, 100), 30);
  expect([back.lines[0]?.text, back.start, back.end, back.is_last]).toEqual([
    "line 71",
    700,
    1000,
    true,
  ]);
});

test("lines are numbered as soon as the begin was seen, also after it is let go", () => {
  expect(held(piece(80, 100)).first).toBeUndefined();
  const begin = withOlder(held(piece(20, 40)), piece(0, 20), 100);
  expect(begin.first).toBe(1);
  expect(withNewer(begin, piece(40, 60), 30).first).toBe(31);
});

test("a log is whole when both its ends are held", () => {
  expect(isWhole(held(piece(0, 100)))).toBe(true);
  expect(isWhole(held(piece(1, 100)))).toBe(false);
});

test("a place finds its line", () => {
  const { lines } = piece(10, 20);
  expect([indexOf(lines, 100), indexOf(lines, 125), indexOf(lines, 5)]).toEqual([0, 2, 0]);
});

test("only what ends where a log ends goes on while it is written", () => {
  const end = { ...piece(80, 100), is_last: false };
  expect(growsOn(held(end))).toBe(true);
  expect(growsOn(held({ ...end, is_last: true }))).toBe(false);
  expect(growsOn(held({ ...end, size: 1 << 20 }))).toBe(false);
});
