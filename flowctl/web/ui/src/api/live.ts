/** Follows what moves: one tab of a browser listens to the server and tells the others.
 *
 * A browser opens six connections to a server at most, over all its tabs: a stream in each tab
 * would starve the seventh. Where no lock can be had (plain http from another machine), a tab
 * listens for itself while it is seen.
 */

import { API } from "@/base";
import { cache } from "./client";

export interface Moved {
  dag_id: string;
  run_id: string;
  state: string;
  revision: number;
}

type Listener = (moved: Moved[]) => void;

interface Init {
  params?: Partial<Record<"path" | "query", { dag_id?: string }>>;
}

const listeners = new Set<Listener>();
const others = new BroadcastChannel("flowctl.live");
const GATHER_MS = 50;

let gathered: Moved[] = [];
let isGathering = false;

/** Tell the first at once, and what moves right after it together. */
function tell(moved: Moved): void {
  gathered.push(moved);
  if (isGathering) return;
  isGathering = true;
  queueMicrotask(spread);
  setTimeout(() => {
    isGathering = false;
    spread();
  }, GATHER_MS);
}

function spread(): void {
  const found = gathered;
  gathered = [];
  if (found.length === 0) return;
  // Those first who ask for what moved and no more: a browser has six connections for all.
  for (const listener of listeners) listener(found);
  readAgain(found);
}

function listen(): () => void {
  const stream = new EventSource(`${API}/live`);
  stream.addEventListener("ready", () => {
    // What moved while nobody listened is read anew.
    if (hasListened) void cache.invalidateQueries();
    hasListened = true;
  });
  stream.addEventListener("run", (event) => {
    const moved = JSON.parse(event.data) as [string, string, string, number];
    const [dag_id, run_id, state, revision] = moved;
    const named = { dag_id, run_id, state, revision };
    tell(named);
    others.postMessage(named);
  });
  return () => stream.close();
}

let hasListened = false;

function listenWhileSeen(): void {
  let stop = document.hidden ? undefined : listen();
  document.addEventListener("visibilitychange", () => {
    stop?.();
    stop = document.hidden ? undefined : listen();
  });
}

/** Begin to follow; called once, when somebody is logged in. */
export function follow(): void {
  others.onmessage = (event) => tell(event.data as Moved);
  if (!navigator.locks) {
    listenWhileSeen();
    return;
  }
  void navigator.locks.request("flowctl.live", () => {
    listen();
    return new Promise(() => {}); // held for as long as this tab lives
  });
}

/** Call `listener` with what moved; return how to stop that. */
export function onMoved(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Read anew what was read of DAGs that moved: any query whose parameters name such a DAG.
 *
 * Views with a cheaper way to catch up (the grid) use `onMoved` and say so in their query's meta.
 */
function readAgain(moved: Moved[]): void {
  const dags = new Set(moved.map((one) => one.dag_id));
  void cache.invalidateQueries({
    predicate: ({ queryKey, meta }) => {
      if (meta?.live === "own") return false;
      if (meta?.live === "any") return true;
      const { path, query } = (queryKey[2] as Init | undefined)?.params ?? {};
      return dags.has(path?.dag_id ?? query?.dag_id ?? "");
    },
  });
}
