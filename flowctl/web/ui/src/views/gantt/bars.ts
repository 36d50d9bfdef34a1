/** What a Gantt chart of a run shows: rows with bars, the critical path, slack, who waited for whom.
 *
 * Moments are ms since 1970; `now` stands for the end of what has not ended.
 */

import type { Schemas } from "@/api/client";
import { nameOf } from "@/views/graph/scene";

export type Gantt = Schemas["Gantt"];
export type Graph = Schemas["Graph"];

export interface Bar {
  map: number;
  try: number;
  state: string;
  /** When it was queued, began to run, and ended. */
  queued: number;
  start: number;
  end: number;
}

export interface Row {
  id: string;
  label: string;
  depth: number;
  isGroup: boolean;
  bars: Bar[];
  start: number;
  end: number;
  instances: number;
  isCritical: boolean;
  /** How much longer it could have taken without a later end of the run. */
  slack: number;
}

export interface Chart {
  rows: Row[];
  start: number;
  end: number;
  critical: string[];
}

const at = (iso: string | null | undefined): number | undefined =>
  iso ? Date.parse(iso) : undefined;

function barsOf(gantt: Gantt, now: number): Map<string, Bar[]> {
  const found = new Map<string, Bar[]>();
  for (const { task_id, map_index, try_number, state, ...moments } of gantt.bars) {
    const end = at(moments.end_date) ?? now;
    const start = at(moments.start_date) ?? end;
    const queued = Math.min(at(moments.queued_at) ?? start, start);
    const bar = {
      map: map_index,
      try: try_number,
      state,
      queued,
      start,
      end: Math.max(end, start),
    };
    const own = found.get(task_id);
    if (own) own.push(bar);
    else found.set(task_id, [bar]);
  }
  return found;
}

interface Whole {
  start: number;
  end: number;
}

const whole = (bars: Bar[]): Whole => ({
  start: bars.reduce((least, bar) => Math.min(least, bar.queued), Number.POSITIVE_INFINITY),
  end: bars.reduce((most, bar) => Math.max(most, bar.end), 0),
});

function neighbours(graph: Graph): { up: Map<string, string[]>; down: Map<string, string[]> } {
  const up = new Map<string, string[]>();
  const down = new Map<string, string[]>();
  for (const { source, target } of graph.edges) {
    up.set(target, [...(up.get(target) ?? []), source]);
    down.set(source, [...(down.get(source) ?? []), target]);
  }
  return { up, down };
}

/** Return the chain of tasks that decided the end: each began when the one before it had ended. */
export function criticalPath(graph: Graph, times: Map<string, Whole>): string[] {
  const { up } = neighbours(graph);
  const last = (ids: Iterable<string>) => {
    let found: string | undefined;
    for (const id of ids) {
      const end = times.get(id)?.end;
      if (end !== undefined && end > (times.get(found ?? "")?.end ?? -1)) found = id;
    }
    return found;
  };
  const path: string[] = [];
  const seen = new Set<string>();
  for (let id = last(times.keys()); id && !seen.has(id); id = last(up.get(id) ?? [])) {
    path.unshift(id);
    seen.add(id);
  }
  return path;
}

/** Return how much longer each task could have taken: until the first that waited for it began. */
export function slacks(graph: Graph, times: Map<string, Whole>, end: number): Map<string, number> {
  const { down } = neighbours(graph);
  const found = new Map<string, number>();
  const late = new Map<string, number>();
  const latest = (first: string) => {
    const stack = [first];
    while (stack.length > 0) {
      const id = stack.at(-1) as string;
      const next = (down.get(id) ?? []).filter((other) => times.has(other));
      const open = next.filter((other) => !late.has(other));
      if (open.length > 0 && !late.has(id)) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      const ends = next.map((other) => {
        const { start, end: ended } = times.get(other) as Whole;
        return (late.get(other) ?? end) - (ended - start);
      });
      late.set(id, Math.min(end, ...ends));
    }
  };
  for (const id of times.keys()) {
    if (!late.has(id)) latest(id);
    found.set(id, Math.max(0, (late.get(id) ?? end) - (times.get(id) as Whole).end));
  }
  return found;
}

/** Return the upstream tasks of a task by their end: the last of them was waited for. */
export function waitedFor(graph: Graph, chart: Chart, id: string): { id: string; end: number }[] {
  const ends = new Map(chart.rows.map((row) => [row.id, row.end]));
  return graph.edges
    .filter((edge) => edge.target === id)
    .flatMap(({ source }) => {
      const end = ends.get(source);
      return end ? [{ id: source, end }] : [];
    })
    .sort((a, b) => b.end - a.end);
}

/** Return the chart of a run: tasks in the order of their begin, in the groups they are in. */
export function chartOf(
  graph: Graph,
  gantt: Gantt,
  folded: ReadonlySet<string>,
  now: number,
): Chart {
  const bars = barsOf(gantt, now);
  const times = new Map([...bars].map(([id, own]) => [id, whole(own)]));
  const all = [...times.values()];
  const start = at(gantt.start_date) ?? Math.min(now, ...all.map((one) => one.start));
  const end = at(gantt.end_date) ?? Math.max(now, start);
  const critical = criticalPath(graph, times);
  const slack = slacks(graph, times, Math.max(end, ...all.map((one) => one.end)));
  const made: Making = { graph, bars, times, critical: new Set(critical), slack };
  const rows = rowsIn(null, 0, made, folded);
  return { rows, start: Math.min(start, ...all.map((one) => one.start)), end, critical };
}

interface Making {
  graph: Graph;
  bars: Map<string, Bar[]>;
  times: Map<string, Whole>;
  critical: Set<string>;
  slack: Map<string, number>;
}

function rowsIn(
  parent: string | null,
  depth: number,
  made: Making,
  folded: ReadonlySet<string>,
): Row[] {
  const children = made.graph.nodes.filter((node) => (node.parent ?? null) === parent);
  const blocks = children.map((node): Row[] => {
    if (!node.is_group) return [taskRow(node.id, nameOf(node), depth, made)];
    const inner = rowsIn(node.id, depth + 1, made, folded);
    const own = groupRow(node.id, nameOf(node), depth, inner);
    return folded.has(node.id) ? [own] : [own, ...inner];
  });
  const begin = ([row]: Row[]) => (row && row.end > 0 ? row.start : Number.MAX_SAFE_INTEGER);
  return blocks.sort((a, b) => begin(a) - begin(b)).flat();
}

function taskRow(id: string, label: string, depth: number, made: Making): Row {
  const bars = made.bars.get(id) ?? [];
  const time = made.times.get(id);
  return {
    id,
    label,
    depth,
    isGroup: false,
    bars,
    start: time?.start ?? 0,
    end: time?.end ?? 0,
    instances: new Set(bars.map((bar) => bar.map)).size,
    isCritical: made.critical.has(id),
    slack: made.slack.get(id) ?? 0,
  };
}

function groupRow(id: string, label: string, depth: number, inner: Row[]): Row {
  const begun = inner.filter((row) => row.end > 0);
  const start = Math.min(...begun.map((row) => row.start));
  const end = Math.max(0, ...begun.map((row) => row.end));
  return {
    id,
    label,
    depth,
    isGroup: true,
    bars: [],
    start: begun.length > 0 ? start : 0,
    end,
    instances: 0,
    isCritical: inner.some((row) => row.isCritical),
    slack: Math.min(...inner.map((row) => row.slack), Number.MAX_SAFE_INTEGER),
  };
}
