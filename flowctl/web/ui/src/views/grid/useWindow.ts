/** Which part of something that scrolls is seen; what is added at its left moves nothing. */

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";

export interface Window {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function useWindow(place: RefObject<HTMLElement | null>, contentWidth: number): Window {
  const [view, setView] = useState<Window>({ left: 0, top: 0, width: 0, height: 0 });
  const fromRight = useRef(0);
  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const look = () => {
      const {
        scrollLeft: left,
        scrollTop: top,
        clientWidth: width,
        clientHeight: height,
      } = element;
      fromRight.current = element.scrollWidth - width - left;
      setView({ left, top, width, height });
    };
    const sizes = new ResizeObserver(() => {
      element.scrollLeft = element.scrollWidth - element.clientWidth - fromRight.current;
      look();
    });
    sizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, [place]);
  useLayoutEffect(() => {
    const element = place.current;
    element?.scrollTo({ left: element.scrollWidth - element.clientWidth - fromRight.current });
  }, [place, contentWidth]);
  return view;
}
