import { expect, test } from "vitest";
import { layout } from "@/layout/layout";
import { sceneOf } from "@/layout/scenes";
import { pathOf, shortened, textWidth } from "./drawing";
import { focused, step } from "./walk";

const LINKS = [
  { source: "a", target: "b" },
  { source: "b", target: "c" },
  { source: "x", target: "c" },
];

test.each([
  ["upstream", "b", ["a", "b"]],
  ["downstream", "b", ["b", "c"]],
  ["both", "b", ["a", "b", "c"]],
  ["upstream", "c", ["a", "b", "c", "x"]],
] as const)("%s of %s", (focus, id, found) => {
  expect([...(focused(LINKS, id, focus) ?? [])].sort()).toEqual(found);
});

test("without a task, or for all, nothing is dimmed", () => {
  expect(focused(LINKS, undefined, "both")).toBeNull();
  expect(focused(LINKS, "a", "all")).toBeNull();
});

test("arrow keys follow edges, and go to what lies beside", () => {
  const scene = sceneOf(
    ["a", "b", "c", "x"],
    [
      ["a", "b"],
      ["a", "c"],
      ["b", "x"],
    ],
  );
  const laid = layout(scene);
  expect(step(scene, laid, "b", "ArrowLeft")).toBe("a");
  expect(step(scene, laid, "b", "ArrowRight")).toBe("x");
  expect(step(scene, laid, "c", "ArrowRight")).toBeUndefined();
  const beside = [step(scene, laid, "b", "ArrowDown"), step(scene, laid, "b", "ArrowUp")];
  expect(beside).toContain("c");
  expect(step(scene, laid, "b", "Enter")).toBeUndefined();
});

test("an arrow key goes through the border of a group to a node in it", () => {
  const scene = sceneOf(["a", "b"], [["a", "g"]], { b: "g" });
  expect(step(scene, layout(scene), "a", "ArrowRight")).toBe("b");
});

test("edges are straight along the layers and curved between them", () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 30, y: 20 },
  ];
  expect(pathOf({ points, label: null }, true)).toBe(
    "M0.0,0.0L10.0,0.0C20.0,0.0 20.0,20.0 30.0,20.0",
  );
});

test("a long id is shortened in its middle", () => {
  expect(shortened("short", 100)).toBe("short");
  const text = shortened("a_very_long_name_of_a_task_that_never_ends", 120);
  expect(text).toMatch(/^a_very.*….*ends$/);
  expect(textWidth(text)).toBeLessThanOrEqual(130);
});
