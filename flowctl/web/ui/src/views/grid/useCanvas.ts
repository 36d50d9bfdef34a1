/** Keeps a canvas in step with what is to be seen, in the colours of the theme. */

import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useSettings } from "@/settings/settings";
import { paint, type Paints, paintsOf, type Scene } from "./paint";

const DARK = window.matchMedia("(prefers-color-scheme: dark)");

export function useCanvas(scene: Omit<Scene, "ratio">): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  const paints = useRef<{ key: string; found: Paints } | undefined>(undefined);
  const { theme } = useSettings();
  const [isDark, setDark] = useState(DARK.matches);
  useEffect(() => {
    const changed = () => setDark(DARK.matches);
    DARK.addEventListener("change", changed);
    return () => DARK.removeEventListener("change", changed);
  }, []);
  useLayoutEffect(() => {
    const place = canvas.current;
    const context = place?.getContext("2d");
    if (!place || !context) return;
    const ratio = window.devicePixelRatio || 1;
    const key = `${theme} ${isDark} ${ratio}`;
    if (paints.current?.key !== key)
      paints.current = { key, found: paintsOf(document.body, ratio) };
    fit(place, scene, ratio);
    paint(context, { ...scene, ratio }, paints.current.found);
  });
  return canvas;
}

function fit(place: HTMLCanvasElement, { width, height }: Omit<Scene, "ratio">, ratio: number) {
  if (place.width === Math.round(width * ratio) && place.height === Math.round(height * ratio))
    return;
  place.width = Math.round(width * ratio);
  place.height = Math.round(height * ratio);
  place.style.width = `${width}px`;
  place.style.height = `${height}px`;
}
