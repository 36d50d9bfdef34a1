import { expect, test } from "vitest";
import { tasksOf, type Touched } from "./touched";

const instance = (task_id: string, dag_run_id: string): Touched => ({
  task_id,
  dag_run_id,
  dag_id: "shop",
  execution_date: "2026-01-01T00:00:00Z",
});

test("instances of a mapped task are one line with their count", () => {
  const touched = [instance("load", "r1"), instance("add", "r1"), instance("add", "r1")];

  const told = tasksOf([...touched, instance("add", "r2")]);

  expect(told.map((one) => [one.task_id, one.dag_run_id, one.count])).toEqual([
    ["load", "r1", 1],
    ["add", "r1", 2],
    ["add", "r2", 1],
  ]);
});
