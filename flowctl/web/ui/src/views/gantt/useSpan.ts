/** Which part of a time is seen: Ctrl and the wheel zoom, dragging moves; it follows a live end. */

import { type RefObject, useEffect, useRef, useState } from "react";
import { movedInto, type Span, zoomedSpan } from "./scale";

const NAMES_PX = 240; // the width of the names beside the bars, see gantt.module.css

export function useSpan(box: RefObject<HTMLElement | null>, most: Span) {
  const [chosen, setChosen] = useState<Span | null>(null);
  const span = chosen ? movedInto(chosen, most) : most;
  const state = useRef({ span, most });
  useEffect(() => {
    state.current = { span, most };
  });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const names = () => Math.min(NAMES_PX, element.clientWidth * 0.4);
    const moment = (event: MouseEvent) => {
      const { left, width } = element.getBoundingClientRect();
      const share = (event.clientX - left - names()) / (width - names());
      const { start, end } = state.current.span;
      return start + Math.max(0, Math.min(1, share)) * (end - start);
    };
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { span, most } = state.current;
      setChosen(zoomedSpan(span, moment(event), Math.exp(event.deltaY * 0.003), most));
    };
    const drag = (event: PointerEvent) => {
      const isTime = event.clientX - element.getBoundingClientRect().left > names();
      if (event.buttons !== 1 || !isTime || event.movementX === 0) return;
      const { span, most } = state.current;
      const by = (event.movementX / (element.clientWidth - names())) * (span.end - span.start);
      setChosen((old) => old && movedInto({ start: span.start - by, end: span.end - by }, most));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    element.addEventListener("pointermove", drag);
    return () => {
      element.removeEventListener("wheel", wheel);
      element.removeEventListener("pointermove", drag);
    };
  }, [box]);
  return { span, isWhole: chosen === null, reset: () => setChosen(null) };
}
