/** The camera of a drawing: wheel, pinch and drag move it. */

import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Point } from "@/layout/model";
import { type Camera, type Size, zoomed } from "./camera";

const CLICK_PX = 4; // who moves less than this while pressing wants to click

export interface Moving {
  camera: Camera;
  view: Size;
  /** What the camera was last set up for. */
  subject: string;
  setCamera: (change: (camera: Camera) => Camera, subject?: string) => void;
}

/** Follow the size of an element. */
function useSize(box: RefObject<HTMLElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() =>
      setSize({ width: element.clientWidth, height: element.clientHeight }),
    );
    watch.observe(element);
    return () => watch.disconnect();
  }, [box]);
  return size;
}

export function useCamera(box: RefObject<HTMLElement | null>): Moving {
  const [state, set] = useState({ camera: { x: 0, y: 0, k: 1 }, subject: "" });
  const frame = useRef(0);
  const next = useRef(state);
  const setCamera = useCallback((change: (camera: Camera) => Camera, subject?: string) => {
    const { current } = next;
    next.current = { camera: change(current.camera), subject: subject ?? current.subject };
    if (frame.current) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      set(next.current);
    });
  }, []);
  useEffect(() => {
    const element = box.current;
    return element ? listened(element, setCamera) : undefined;
  }, [box, setCamera]);
  return { ...state, view: useSize(box), setCamera };
}

function listened(element: HTMLElement, setCamera: Moving["setCamera"]): () => void {
  const fingers = new Map<number, Point>();
  let isDragged = false;
  const at = (event: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const wheel = (event: WheelEvent) => {
    event.preventDefault();
    const lines = event.deltaMode === 1 ? 16 : 1;
    if (event.shiftKey) {
      setCamera((camera) => ({ ...camera, x: camera.x - (event.deltaX || event.deltaY) * lines }));
      return;
    }
    const factor = Math.exp(-event.deltaY * lines * (event.ctrlKey ? 0.01 : 0.002));
    setCamera((camera) => zoomed(camera, at(event), factor));
  };
  const down = (event: PointerEvent) => {
    if (event.button > 1) return;
    fingers.set(event.pointerId, at(event));
    isDragged = false;
  };
  const move = (event: PointerEvent) => {
    const from = fingers.get(event.pointerId);
    if (!from) return;
    const to = at(event);
    const by = { x: to.x - from.x, y: to.y - from.y };
    if (!isDragged && Math.hypot(by.x, by.y) < CLICK_PX) return;
    if (!isDragged) element.setPointerCapture(event.pointerId);
    isDragged = true;
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, to);
    setCamera((camera) => {
      if (!other) return { ...camera, x: camera.x + by.x, y: camera.y + by.y };
      const apart = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
      return zoomed(camera, other, apart(to) / apart(from));
    });
  };
  const up = (event: PointerEvent) => fingers.delete(event.pointerId);
  const click = (event: MouseEvent) => {
    if (isDragged) event.stopPropagation();
    isDragged = false;
  };
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("click", click, true);
  return () => {
    element.removeEventListener("wheel", wheel);
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("click", click, true);
  };
}
