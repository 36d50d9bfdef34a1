/** Draws a graph on a canvas, where it is seen from so far that names could not be read. */

import type { Plan } from "@/layout/useLayout";
import type { Camera, Size } from "./camera";
import { type Look, pathOf } from "./drawing";

export interface Far {
  plan: Plan;
  looks: Map<string, Look>;
  inFocus: Set<string> | null;
  selected: string | undefined;
}

const paths = new WeakMap<object, Path2D>();

/** All edges as one path: made once for a layout. */
function edgesOf({ scene, laid }: Plan): Path2D {
  const known = paths.get(laid);
  if (known) return known;
  const isWide = scene.direction === "LR" || scene.direction === "RL";
  const made = new Path2D(laid.edges.map((route) => pathOf(route, isWide)).join(""));
  paths.set(laid, made);
  return made;
}

/** Return a function that resolves colours of the style sheet for an element. */
export function inks(element: HTMLElement): (name: string) => string {
  const known = new Map<string, string>();
  const probe = document.createElement("i");
  element.parentElement?.append(probe);
  const found = (name: string) => {
    const before = known.get(name);
    if (before) return before;
    probe.style.color = `var(${name})`;
    const value = getComputedStyle(probe).color;
    known.set(name, value);
    return value;
  };
  queueMicrotask(() => probe.remove());
  return found;
}

export function drawFar(canvas: HTMLCanvasElement, camera: Camera, view: Size, far: Far): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const scale = Math.min(devicePixelRatio || 1, 2);
  const [width, height] = [Math.round(view.width * scale), Math.round(view.height * scale)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const ink = inks(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const k = camera.k * scale;
  context.setTransform(k, 0, 0, k, camera.x * scale, camera.y * scale);
  boxes(context, far, ink);
  context.strokeStyle = ink("--line-strong");
  context.globalAlpha = far.inFocus ? 0.4 : 1;
  context.lineWidth = Math.max(1.2, 0.8 / camera.k);
  context.stroke(edgesOf(far.plan));
  cards(context, far, ink);
}

function boxes(context: CanvasRenderingContext2D, { plan }: Far, ink: (name: string) => string) {
  context.fillStyle = ink("--sunken");
  context.strokeStyle = ink("--line");
  context.globalAlpha = 0.6;
  for (const { x, y, width, height } of plan.laid.groups) {
    context.fillRect(x, y, width, height);
    context.strokeRect(x, y, width, height);
  }
}

function cards(context: CanvasRenderingContext2D, far: Far, ink: (name: string) => string) {
  const { scene, laid } = far.plan;
  scene.nodes.forEach((node, at) => {
    const rect = laid.nodes[at];
    const look = far.looks.get(node.id);
    if (!rect || !look) return;
    const isState = look.state !== undefined;
    context.globalAlpha = far.inFocus && !far.inFocus.has(node.id) ? 0.2 : 1;
    context.fillStyle = ink(isState ? `--state-${look.state || "none"}` : "--ink-faint");
    context.fillRect(rect.x, rect.y, rect.width, rect.height);
    if (node.id !== far.selected) return;
    context.strokeStyle = ink("--accent");
    context.lineWidth *= 4;
    context.strokeRect(rect.x, rect.y, rect.width, rect.height);
    context.lineWidth /= 4;
  });
  context.globalAlpha = 1;
}
