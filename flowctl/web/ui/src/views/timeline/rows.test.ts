import { expect, test } from "vitest";
import { rowsOf, type TimelineRun, windowOf } from "./rows";

const NOW = Date.parse("2026-01-01T12:00:00Z");

function run(dag_id: string, given: Partial<TimelineRun> = {}): TimelineRun {
  return {
    dag_id,
    run_id: "r1",
    state: "success",
    run_type: "scheduled",
    queued_at: "2026-01-01T10:00:00Z",
    start_date: "2026-01-01T10:01:00Z",
    end_date: "2026-01-01T10:05:00Z",
    ...given,
  };
}

test("each DAG has one row, in the order of its latest run", () => {
  const rows = rowsOf(
    [run("b"), run("a", { state: "failed" }), run("b", { state: "failed" })],
    NOW,
  );
  expect(rows.map((row) => [row.dag, row.bars.length, row.failed, row.state])).toEqual([
    ["b", 2, 1, "success"],
    ["a", 1, 1, "failed"],
  ]);
});

test("what has not ended lasts until now; what has not begun only waits", () => {
  const [row] = rowsOf([run("a", { state: "queued", start_date: null, end_date: null })], NOW);
  expect(row?.bars[0]).toMatchObject({ start: NOW, end: NOW });
});

test("only windows that are offered are taken from an address", () => {
  expect([windowOf({ hours: 6 }), windowOf({ hours: "24" }), windowOf({ hours: 5 })]).toEqual([
    { hours: 6 },
    { hours: 24 },
    {},
  ]);
});
