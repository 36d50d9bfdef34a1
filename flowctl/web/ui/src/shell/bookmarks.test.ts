import { expect, test } from "vitest";
import { placeOf } from "./bookmarks";

const OF_SALES = { dagId: "sales" };

test.each([
  ["/home", {}, "/dags", {}, {}],
  ["/home", { tags: ["a", "b"], status: "paused" }, "/dags", {}, { tag: "a", show: "paused" }],
  ["/dags/sales/grid", {}, "/dags/$dagId", OF_SALES, {}],
  [
    "/dags/sales/grid",
    { dag_run_id: "r1", task_id: "load", map_index: 2, tab: "logs" },
    "/dags/$dagId",
    OF_SALES,
    { run: "r1", task: "load", map: 2, panel: "log" },
  ],
  [
    "/dags/sales/grid",
    { dag_run_id: "r1", tab: "graph", map_index: -1 },
    "/dags/$dagId/graph",
    OF_SALES,
    { run: "r1" },
  ],
  ["/dags/sales", { tab: "run_duration" }, "/dags/$dagId/durations", OF_SALES, {}],
  ["/dags/sales/graph", { dag_run_id: "r1" }, "/dags/$dagId/graph", OF_SALES, { run: "r1" }],
  ["/dags/sales/details", { tab: "x" }, "/dags/$dagId/details", OF_SALES, {}],
  ["/dags/sales/runs/r%2F1/tasks/load", {}, "/dags/$dagId", OF_SALES, { run: "r/1", task: "load" }],
  [
    "/dags/sales/runs/r1/tasks/load/mapped/3",
    {},
    "/dags/$dagId",
    OF_SALES,
    { run: "r1", task: "load", map: 3 },
  ],
  ["/graph", { dag_id: "sales" }, "/dags/$dagId/graph", OF_SALES, {}],
  [
    "/log",
    { dag_id: "sales", dag_run_id: "r1", task_id: "load" },
    "/dags/$dagId",
    OF_SALES,
    { run: "r1", task: "load", panel: "log" },
  ],
  [
    "/taskinstance/list/",
    { _flt_3_dag_id: "sales", _flt_3_state: "failed" },
    "/tasks",
    {},
    { search: "sales", state: "failed" },
  ],
  ["/dagrun/list/", { _flt_3_dag_id: "sales" }, "/runs", {}, { search: "sales" }],
  ["/connection/list/", {}, "/admin/connections", {}, {}],
  ["/variable/add", {}, "/admin/variables", {}, { add: true }],
  ["/pool/list/", {}, "/admin/pools", {}, {}],
])("%s with %o", (path, search, to, params, found) => {
  expect(placeOf(path, search)).toEqual({ to, params, search: found });
});

test.each(["/no/such/page", "/graph", "/dags/sales/no_such_tab"])("%s is none", (path) => {
  expect(placeOf(path, {})).toBeUndefined();
});
