/** How each node of a DAG looks in a run: its state, what its tooltip says, how many of what. */

import type { Schemas } from "@/api/client";
import type { Look } from "@/parts/graph/drawing";
import { SEVERITY } from "@/parts/severity";
import { between, duration } from "@/time/moments";
import {
  assetId,
  type End,
  type Graph,
  type GraphNode,
  members,
  nameOf,
  operatorOf,
} from "./scene";

export type RunStates = Schemas["RunStates"];

export type Counts = Record<string, number>;

/** Return the state that stands for several; null where there is none. */
export function worst(counts: Counts): string | null {
  return SEVERITY.find((state) => counts[state]) ?? null;
}

function together(all: (Counts | undefined)[]): Counts {
  const found: Counts = {};
  for (const state of SEVERITY) {
    const count = all.reduce((sum, one) => sum + (one?.[state] ?? 0), 0);
    if (count > 0) found[state] = count;
  }
  return found;
}

interface Told {
  states: Record<string, string>;
  group: (tasks: number) => string;
  instances: (count: number) => string;
  asset: string;
  now: number;
}

export function looksOf(
  graph: Graph,
  run: RunStates | undefined,
  folded: ReadonlySet<string>,
  ends: End[],
  told: Told,
): Map<string, Look> {
  const inside = members(graph.nodes);
  const looks = new Map<string, Look>();
  for (const node of graph.nodes) {
    const look = node.is_group
      ? groupLook(node, inside.get(node.id) ?? [], run, folded.has(node.id), told)
      : taskLook(node, run, told);
    looks.set(node.id, look);
  }
  for (const { uri } of ends)
    looks.set(assetId(uri), { label: uri, kind: "asset", tooltip: `${told.asset} ${uri}` });
  return looks;
}

function counted(counts: Counts, told: Told): string[] {
  return Object.entries(counts).map(([state, count]) => `${told.states[state] ?? state}: ${count}`);
}

function groupLook(
  node: GraphNode,
  tasks: string[],
  run: RunStates | undefined,
  isFolded: boolean,
  told: Told,
): Look {
  const counts = together(tasks.map((id) => one(run?.tasks[id]?.states)));
  const note = told.group(tasks.length);
  return {
    label: nameOf(node),
    note,
    kind: "group",
    state: run ? worst(counts) : undefined,
    counts: run && isFolded ? counts : undefined,
    isMapped: Boolean(node.is_mapped),
    tooltip: [node.label, node.tooltip, note, ...(run ? counted(counts, told) : [])]
      .filter(Boolean)
      .join("\n"),
    fold: isFolded ? "folded" : "open",
  };
}

/** A task counts once in its group, however many instances it has. */
function one(states: Counts | undefined): Counts {
  const state = states && worst(states);
  return state ? { [state]: 1 } : {};
}

function taskLook(node: GraphNode, run: RunStates | undefined, told: Told): Look {
  const own = run?.tasks[node.id];
  const counts = own?.states ?? {};
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const state = run ? worst(counts) : undefined;
  const isMany = Boolean(node.is_mapped) && all > 1;
  const took = own?.start_date ? duration(between(own.start_date, own.end_date, told.now)) : "";
  const rule = node.trigger_rule === "all_success" ? "" : node.trigger_rule;
  return {
    label: nameOf(node),
    note: isMany ? told.instances(all) : operatorOf(node),
    kind: "task",
    state,
    counts: isMany ? together([counts]) : undefined,
    isMapped: Boolean(node.is_mapped),
    mark: node.is_setup ? "setup" : node.is_teardown ? "teardown" : undefined,
    tooltip: [
      node.id,
      state === undefined ? "" : (told.states[state || "none"] ?? state),
      operatorOf(node),
      rule,
      took,
      ...(isMany ? counted(counts, told) : []),
    ]
      .filter(Boolean)
      .join("\n"),
  };
}
