/** Which part of a drawing is seen: a place on the screen is its place in the drawing * k + (x, y). */

import type { Point, Rect } from "@/layout/model";

export interface Camera {
  x: number;
  y: number;
  k: number;
}

export interface Size {
  width: number;
  height: number;
}

export const ZOOM_MIN = 0.03; // by hand; to show all of a drawing it may be less
const WHOLE_MIN = 0.001;
export const ZOOM_MAX = 2.5;
const MARGIN = 24;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** Show all of a drawing, not larger than life, in the middle. */
export function fitted(drawing: Size, view: Size): Camera {
  const room = { width: view.width - 2 * MARGIN, height: view.height - 2 * MARGIN };
  const k = clamp(
    Math.min(room.width / (drawing.width || 1), room.height / (drawing.height || 1)),
    WHOLE_MIN,
    1,
  );
  return {
    k,
    x: (view.width - drawing.width * k) / 2,
    y: (view.height - drawing.height * k) / 2,
  };
}

/** Show the first node of a drawing that is too large to be read as a whole. */
export function opened(drawing: Size, view: Size, least: number, first?: Rect): Camera {
  const whole = fitted(drawing, view);
  if (whole.k >= least) return whole;
  const shift = (drawn: number, seen: number, at: number) => {
    const rest = seen - drawn * least;
    return rest >= 2 * MARGIN ? rest / 2 : clamp(seen / 2 - at * least, rest - MARGIN, MARGIN);
  };
  return {
    k: least,
    x: shift(drawing.width, view.width, first ? first.x + first.width / 2 : 0),
    y: shift(drawing.height, view.height, first ? first.y + first.height / 2 : 0),
  };
}

/** Zoom so that the point of the screen stays where it is. */
export function zoomed(camera: Camera, at: Point, factor: number): Camera {
  const k = clamp(camera.k * factor, Math.min(ZOOM_MIN, camera.k), ZOOM_MAX);
  const by = k / camera.k;
  return { k, x: at.x - (at.x - camera.x) * by, y: at.y - (at.y - camera.y) * by };
}

/** Move only as far as is needed to see a place; zoom in where it could not be read. */
export function showing(camera: Camera, place: Rect, view: Size, least = 0.6): Camera {
  const k = Math.max(camera.k, least);
  const { x, y } = zoomed(camera, { x: view.width / 2, y: view.height / 2 }, k / camera.k);
  const near = (start: number, size: number, seen: number, shift: number) => {
    const from = start * k + shift;
    const to = from + size * k;
    if (from < MARGIN) return shift + MARGIN - from;
    if (to > seen - MARGIN) return shift - (to - seen + MARGIN);
    return shift;
  };
  return {
    k,
    x: near(place.x, place.width, view.width, x),
    y: near(place.y, place.height, view.height, y),
  };
}

/** Put a place into the middle. */
export function centred(camera: Camera, place: Rect, view: Size, least = 0.8): Camera {
  const k = Math.max(camera.k, least);
  return {
    k,
    x: view.width / 2 - (place.x + place.width / 2) * k,
    y: view.height / 2 - (place.y + place.height / 2) * k,
  };
}

/** Return the part of the drawing that is seen, in steps, so that it seldom changes. */
export function seen(camera: Camera, view: Size): Rect {
  const step = 400 / camera.k;
  const low = (at: number) => Math.floor(at / step - 0.5) * step;
  const high = (at: number) => Math.ceil(at / step + 0.5) * step;
  const x = low(-camera.x / camera.k);
  const y = low(-camera.y / camera.k);
  return {
    x,
    y,
    width: high((view.width - camera.x) / camera.k) - x,
    height: high((view.height - camera.y) / camera.k) - y,
  };
}

export function meets(a: Rect, b: Rect): boolean {
  return (
    a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height
  );
}
