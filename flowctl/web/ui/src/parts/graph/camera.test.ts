import { expect, test } from "vitest";
import { centred, fitted, meets, opened, seen, showing, zoomed } from "./camera";

const VIEW = { width: 800, height: 600 };

test("a drawing that fits is shown whole, in the middle, not enlarged", () => {
  expect(fitted({ width: 200, height: 100 }, VIEW)).toEqual({ k: 1, x: 300, y: 250 });
  expect(fitted({ width: 7520, height: 100 }, VIEW).k).toBeCloseTo(0.1);
});

test("all of a huge drawing is shown, and zooming out from there moves nothing", () => {
  const whole = fitted({ width: 90_000, height: 20_000 }, VIEW);
  expect(whole.x).toBeCloseTo(24);
  expect(90_000 * whole.k + whole.x).toBeCloseTo(776);
  expect(zoomed(whole, { x: 100, y: 100 }, 0.5)).toEqual(whole);
});

test("a drawing too large to be read opens at its begin", () => {
  const camera = opened({ width: 9000, height: 100 }, VIEW, 0.5);
  expect(camera).toMatchObject({ k: 0.5, x: 24, y: 275 });
});

test("a drawing too large in both directions opens where its first node is", () => {
  const first = { x: 0, y: 5000, width: 100, height: 40 };
  const camera = opened({ width: 9000, height: 9000 }, VIEW, 0.5, first);
  expect(camera.x).toBe(24);
  expect((first.y + 20) * camera.k + camera.y).toBe(300);
});

test("what is under the pointer stays there when it is zoomed", () => {
  const before = { k: 0.5, x: 10, y: 20 };
  const after = zoomed(before, { x: 100, y: 100 }, 2);
  expect((100 - after.x) / after.k).toBeCloseTo((100 - before.x) / before.k);
  expect(zoomed(before, { x: 0, y: 0 }, 1000).k).toBe(2.5);
});

test("a place out of sight is moved into sight, one in sight is left", () => {
  const camera = { k: 1, x: 0, y: 0 };
  expect(showing(camera, { x: 100, y: 100, width: 50, height: 50 }, VIEW)).toEqual(camera);
  expect(showing(camera, { x: 900, y: 100, width: 50, height: 50 }, VIEW).x).toBe(-174);
  expect(centred(camera, { x: 900, y: 100, width: 50, height: 50 }, VIEW)).toEqual({
    k: 1,
    x: -525,
    y: 175,
  });
});

test("what is seen changes only in steps, and holds the whole view", () => {
  const first = seen({ k: 1, x: 0, y: 0 }, VIEW);
  expect(seen({ k: 1, x: -90, y: -90 }, VIEW)).toEqual(seen({ k: 1, x: -95, y: -95 }, VIEW));
  expect(meets(first, { x: 0, y: 0, width: 800, height: 600 })).toBe(true);
  expect(first.x + first.width).toBeGreaterThanOrEqual(800);
});
