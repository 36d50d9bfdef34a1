import { expect, test } from "vitest";
import { addressOf } from "./address";

test("what is in a name cannot change the route", () => {
  const path = { dag_id: "a/b?c#d", task_id: "100%" };

  expect(addressOf("/dags/{dag_id}/tasks/{task_id}", path)).toBe(
    "/dags/a%2Fb%3Fc%23d/tasks/100%25",
  );
});

test("parameters follow in the order in which they are given", () => {
  expect(addressOf("/ui/dags", {}, { limit: 40, offset: 0 })).toBe("/ui/dags?limit=40&offset=0");
});

test("a list is written with commas, each part of it by itself", () => {
  expect(addressOf("/dags", {}, { tags: ["a,b", "c&d"] })).toBe("/dags?tags=a%2Cb,c%26d");
});

test("what is not known is not asked for; nothing and no are", () => {
  const query = { limit: undefined, tags: [], owner: null, search: "", paused: false };

  expect(addressOf("/dags", {}, query)).toBe("/dags?search=&paused=false");
});
