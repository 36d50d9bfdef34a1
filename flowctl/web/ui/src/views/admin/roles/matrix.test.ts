import { expect, test } from "vitest";
import { actionsOf, cellsOf, counts, resourcesOf, type Role } from "./matrix";

const allows = (...pairs: [string, string][]) =>
  pairs.map(([action, resource]) => ({ action: { name: action }, resource: { name: resource } }));
const ROLE: Role = {
  name: "guest",
  actions: allows(
    ["can_read", "DAG:a b"],
    ["can_edit", "DAG:a b"],
    ["can_read", "XComs"],
    ["menu_access", "Docs"],
  ),
};

test("what is chosen is what was allowed, also of a DAG with a blank in its name", () => {
  const key = (role: Role["actions"]) =>
    role.map(({ action, resource }) => `${action.name} ${resource.name}`).sort();

  expect(key(actionsOf(cellsOf(ROLE)))).toEqual(key(ROLE.actions));
});

test("single DAGs come last", () => {
  expect(resourcesOf([ROLE])).toEqual(["Docs", "XComs", "DAG:a b"]);
});

test("menus count neither as read nor as changed", () => {
  expect(counts(ROLE)).toEqual({ read: 2, change: 1 });
});
