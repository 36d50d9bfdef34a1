/** A graph that one can move over, zoom, walk through by keys, and choose in. */

import { Maximize, Minus, Plus } from "lucide-react";
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Rect } from "@/layout/model";
import type { Plan } from "@/layout/useLayout";
import { IconButton } from "@/parts/Button";
import { useWords } from "@/text/text";
import { centred, fitted, meets, opened, seen, showing, zoomed } from "./camera";
import { extentOf, type Look, pathOf } from "./drawing";
import { drawFar, type Far } from "./far";
import css from "./graph.module.css";
import { Group, Node } from "./Node";
import { type Moving, useCamera } from "./useCamera";
import { step } from "./walk";
import { words } from "./words";

const NEAR_MAX = 350; // so many elements are moved without a frame lost
const READABLE = 0.55;

interface Props {
  label: string;
  plan: Plan;
  looks: Map<string, Look>;
  /** What is not dimmed; null means nothing is. */
  inFocus?: Set<string> | null | undefined;
  selected?: string | undefined;
  onSelect: (id: string) => void;
  onFold?: (id: string) => void;
  /** Shown in the middle as soon as it changes. */
  goTo?: { id: string } | null;
  /** A new one of these is looked at from its begin. */
  subject: string;
  /** The layout of a newer scene is on the way: a new subject is looked at once it is there. */
  isStale?: boolean;
  children?: ReactNode;
}

export function Drawing(props: Props) {
  const box = useRef<HTMLDivElement>(null);
  const moving = useCamera(box);
  const { camera, view, setCamera } = moving;
  const { plan, selected } = props;
  const [next, setNext] = useState<string>();
  const rects = useMemo(() => rectsOf(plan), [plan]);
  const here = useSubject(props, moving, rects);
  const { x, y, width, height } = seen(camera, view);
  const shown = useMemo(() => shownIn(plan, { x, y, width, height }), [plan, x, y, width, height]);
  const isFar = shown.nodes.length > NEAR_MAX;
  const at = next ?? selected ?? plan.scene.nodes[0]?.id;

  const choose = (id: string) => {
    setNext(id);
    props.onSelect(id);
  };
  const press = (event: KeyboardEvent) => {
    const by = { "+": 1.3, "=": 1.3, "-": 1 / 1.3 }[event.key];
    if (by) setCamera((old) => zoomed(old, { x: view.width / 2, y: view.height / 2 }, by));
    else if (event.key === "0") setCamera(() => fitted(plan.laid, view));
    else if (at && event.key === "Enter") choose(at);
    else if (at && event.key === " ") props.onFold?.(at);
    else {
      const to = at && step(plan.scene, plan.laid, at, event.key);
      const rect = to ? rects.get(to) : undefined;
      if (!to || !rect) return;
      setNext(to);
      setCamera((old) => showing(old, rect, view));
      requestAnimationFrame(() => focusOn(box.current, to));
    }
    event.preventDefault();
  };
  const click = (event: MouseEvent) => {
    const target = event.target as Element;
    const fold = target.closest("[data-fold]")?.getAttribute("data-fold");
    if (fold) return props.onFold?.(fold);
    const id = target.closest("[data-node]")?.getAttribute("data-node");
    if (id) return choose(id);
    if (!isFar) return;
    const { left, top } = event.currentTarget.getBoundingClientRect();
    const hit = {
      x: (event.clientX - left - camera.x) / camera.k,
      y: (event.clientY - top - camera.y) / camera.k,
      width: 0,
      height: 0,
    };
    const found = plan.scene.nodes.find((_, i) => meets(plan.laid.nodes[i] as Rect, hit));
    if (found) choose(found.id);
  };

  const far: Far = { plan, looks: props.looks, inFocus: props.inFocus ?? null, selected };
  return (
    <div className={css.stage}>
      <div
        ref={box}
        className={css.canvas}
        role="group"
        aria-label={props.label}
        tabIndex={isFar ? 0 : -1}
        onKeyDown={press}
        onClick={click}
      >
        {view.width > 0 && here && isFar && <FarView far={far} moving={moving} />}
        {view.width > 0 && here && !isFar && (
          <Near {...props} shown={shown} next={at} moving={moving} />
        )}
      </div>
      <Zoom moving={moving} plan={plan} />
      {props.children}
    </div>
  );
}

function focusOn(box: HTMLElement | null, id: string): void {
  const found = box?.querySelector<SVGGElement>(`[data-node="${CSS.escape(id)}"]`);
  (found ?? box)?.focus({ preventScroll: true });
}

function rectsOf({ scene, laid }: Plan): Map<string, Rect> {
  return new Map([
    ...scene.groups.map((group, at) => [group.id, laid.groups[at] as Rect] as const),
    ...scene.nodes.map((node, at) => [node.id, laid.nodes[at] as Rect] as const),
  ]);
}

/** Look at a new subject from its begin, and at what one wants to go to; say when that is done. */
function useSubject(
  { plan, subject, isStale, goTo }: Props,
  moving: Moving,
  rects: Map<string, Rect>,
) {
  const { view, setCamera } = moving;
  const isHere = moving.subject === subject;
  const isReady = view.width > 0 && !isStale;
  useEffect(() => {
    if (!isReady || isHere) return;
    setCamera(() => opened(plan.laid, view, READABLE, plan.laid.nodes[0]), subject);
  }, [isReady, isHere, subject, plan, view, setCamera]);
  const go = useEffectEvent((id: string) => {
    const rect = rects.get(id);
    if (rect) setCamera((old) => centred(old, rect, view));
  });
  useEffect(() => {
    if (goTo && isHere) go(goTo.id);
  }, [goTo, isHere]);
  return isHere;
}

interface Shown {
  nodes: number[];
  groups: number[];
  edges: number[];
}

function shownIn({ laid }: Plan, window: Rect): Shown {
  const places = (rects: Rect[]) => rects.flatMap((rect, at) => (meets(rect, window) ? [at] : []));
  return {
    nodes: places(laid.nodes),
    groups: places(laid.groups),
    edges: laid.edges.flatMap((edge, at) =>
      edge.points.length > 0 && meets(extentOf(edge), window) ? [at] : [],
    ),
  };
}

function FarView({ far, moving: { camera, view } }: { far: Far; moving: Moving }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (canvas.current) drawFar(canvas.current, camera, view, far);
  });
  return <canvas ref={canvas} className={css.far} />;
}

interface NearProps extends Props {
  shown: Shown;
  next: string | undefined;
  moving: Moving;
}

function Near({ moving: { camera }, ...rest }: NearProps) {
  const { plan, looks, inFocus, selected, shown, next } = rest;
  const content = useMemo(
    () => <Content {...{ plan, looks, inFocus, selected, shown, next }} />,
    [plan, looks, inFocus, selected, shown, next],
  );
  return (
    <svg className={css.near}>
      <defs>
        <marker
          id="tip"
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="7"
          markerHeight="7"
          orient="auto"
        >
          <path d="M0.5 1 7 4 0.5 7z" className={css.tip} />
        </marker>
      </defs>
      <g transform={`translate(${camera.x},${camera.y}) scale(${camera.k})`}>{content}</g>
    </svg>
  );
}

type ContentProps = Pick<NearProps, "plan" | "looks" | "inFocus" | "selected" | "shown" | "next">;

function Content({ plan, looks, inFocus, selected, shown, next }: ContentProps) {
  const { scene, laid } = plan;
  const isDim = (id: string) => Boolean(inFocus && !inFocus.has(id));
  return (
    <>
      {shown.groups.map((at) => {
        const [group, rect] = [scene.groups[at], laid.groups[at]];
        const look = group && looks.get(group.id);
        return group && rect && look ? (
          <Group key={group.id} id={group.id} rect={rect} look={look} isDim={false} />
        ) : null;
      })}
      <Edges {...{ plan, shown, selected, isDim }} />
      {shown.nodes.map((at) => {
        const [node, rect] = [scene.nodes[at], laid.nodes[at]];
        const look = node && looks.get(node.id);
        return node && rect && look ? (
          <Node
            key={node.id}
            id={node.id}
            rect={rect}
            look={look}
            isDim={isDim(node.id)}
            isSelected={node.id === selected}
            isNext={node.id === next}
          />
        ) : null;
      })}
    </>
  );
}

interface EdgesProps extends Pick<NearProps, "plan" | "shown" | "selected"> {
  isDim: (id: string) => boolean;
}

function Edges({ plan: { scene, laid }, shown, selected, isDim }: EdgesProps) {
  const isWide = scene.direction === "LR" || scene.direction === "RL";
  return shown.edges.map((at) => {
    const [edge, route] = [scene.edges[at], laid.edges[at]];
    if (!edge || !route) return null;
    const isNear = edge.source === selected || edge.target === selected;
    const isFaint = isDim(edge.source) || isDim(edge.target);
    return (
      <g key={at} className={`${css.edge} ${isNear ? css.near1 : ""} ${isFaint ? css.dim : ""}`}>
        <path d={pathOf(route, isWide)} markerEnd="url(#tip)" />
        {route.label && (
          <text x={route.label.x} y={route.label.y + 4}>
            {edge.label?.text}
          </text>
        )}
      </g>
    );
  });
}

function Zoom({ moving: { view, setCamera }, plan }: { moving: Moving; plan: Plan }) {
  const text = useWords(words);
  const middle = { x: view.width / 2, y: view.height / 2 };
  const by = (factor: number) => () => setCamera((old) => zoomed(old, middle, factor));
  return (
    <div className={css.zoom}>
      <IconButton label={text.closer} onClick={by(1.4)}>
        <Plus size={16} />
      </IconButton>
      <IconButton label={text.further} onClick={by(1 / 1.4)}>
        <Minus size={16} />
      </IconButton>
      <IconButton label={text.fit} onClick={() => setCamera(() => fitted(plan.laid, view))}>
        <Maximize size={16} />
      </IconButton>
    </div>
  );
}
