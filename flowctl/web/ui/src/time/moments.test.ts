import { describe, expect, test } from "vitest";
import { between, duration, moment } from "./moments";

describe("durations", () => {
  test.each([
    [0.08, "80ms"],
    [4.24, "4.2s"],
    [59.6, "1m"],
    [185, "3m 5s"],
    [3600, "1h"],
    [93784, "1d 2h"],
    [86460, "1d"],
    [-5, "-5.0s"],
  ])("%s seconds read %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});

test("a moment is shown as clocks of the zone show it", () => {
  expect(moment("2026-02-01T00:30:00+00:00", "Asia/Seoul")).toBe("2026-02-01 09:30:00");
  expect(moment("2026-02-01T00:30:00+00:00", "UTC")).toBe("2026-02-01 00:30:00");
});

test("what has not ended lasts until now", () => {
  expect(between("2026-02-01T00:00:00Z", null, Date.parse("2026-02-01T00:01:00Z"))).toBe(60);
});
