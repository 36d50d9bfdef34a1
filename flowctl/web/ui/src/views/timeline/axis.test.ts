import { expect, test } from "vitest";
import { part } from "@/views/gantt/scale";
import { named } from "./axis";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-11-22T10:52:00Z");
const LONG = 7 * 24 * HOUR;
const windowOf = (size: number) => ({ start: NOW - size, end: NOW + size * 0.02 });

test.each([HOUR, 6 * HOUR, 24 * HOUR, LONG])(
  "on a phone there are words, not over others, nor over now: %i ms",
  (size) => {
    const span = windowOf(size);
    const places = named(span, NOW, 234, 60).map((moment) => part(moment, span) * 234);

    expect(places.length).toBeGreaterThan(0);
    for (const [at, place] of places.entries())
      expect((places[at + 1] ?? part(NOW, span) * 234 - 40) - place).toBeGreaterThanOrEqual(60);
  },
);

test("a wide window names some moments, one without room none", () => {
  expect(named(windowOf(24 * HOUR), NOW, 1_000, 60).length).toBeGreaterThan(2);
  expect(named(windowOf(24 * HOUR), NOW, 0, 60)).toEqual([]);
});
