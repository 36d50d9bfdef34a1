import { describe, expect, it } from "vitest";
import { byNeed, columnsOf, type Load, stretchOf } from "./load";

const step = (mean: number, peak: number, hour = 0) => ({
  since: `2030-01-01T${String(hour).padStart(2, "0")}:00:00Z`,
  mean,
  peak,
});

const load = (name: string, slots: number, ...steps: Load["steps"]): Load => ({
  name,
  is_pool: true,
  slots,
  steps,
});

describe("columnsOf", () => {
  it("measures by the slots there are", () => {
    const [one] = columnsOf(load("etl", 4, step(1, 2)));
    expect(one).toMatchObject({ meanShare: 0.25, peakShare: 0.5, isFull: false });
  });

  it("says where a pool is full, and never of one without limit", () => {
    expect(columnsOf(load("etl", 2, step(1, 2)))[0]?.isFull).toBe(true);
    expect(columnsOf(load("free", -1, step(1, 200)))[0]?.isFull).toBe(false);
  });

  it("joins steps where there are too many, and loses no peak", () => {
    const steps = Array.from({ length: 500 }, (_, at) => step(1, at === 250 ? 9 : 1));
    const columns = columnsOf(load("etl", 10, ...steps));
    expect(columns.length).toBeLessThanOrEqual(120);
    expect(columns.filter((one) => one.peak === 9)).toHaveLength(1);
    expect(columns.every((one) => Math.abs(one.mean - 1) < 1e-9)).toBe(true);
  });
});

describe("byNeed", () => {
  it("leaves out what nobody takes, and begins with the fullest", () => {
    const loads = [
      load("idle", 1, step(0, 0)),
      load("half", 4, step(1, 2)),
      load("full", 2, step(1, 2)),
    ];
    expect(byNeed(loads).map((one) => one.name)).toEqual(["full", "half"]);
  });
});

describe("stretchOf", () => {
  it("takes only what can be chosen", () => {
    expect(stretchOf({ days: "7" })).toEqual({ days: 7 });
    expect(stretchOf({ days: 5000 })).toEqual({});
    expect(stretchOf({})).toEqual({});
  });
});
