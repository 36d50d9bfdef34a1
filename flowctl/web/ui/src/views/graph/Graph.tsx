/** The graph of a DAG, in the colours of a run. */

import { useMemo, useState } from "react";
import { directionOf, type Graph as Drawn, sceneOf } from "./scene";
import { useLayout } from "@/layout/useLayout";
import { Empty, Failure } from "@/parts/Notice";
import { Worded } from "@/parts/Worded";
import { Drawing } from "@/parts/graph/Drawing";
import { type Focus, focused } from "@/parts/graph/walk";
import { useText, useWords } from "@/text/text";
import { useNow } from "@/time/useMoment";
import { useSelection } from "@/views/dag/selection";
import { useDagId } from "@/views/dag/useDag";
import css from "./graph.module.css";
import { looksOf } from "./looks";
import { Tools } from "./Tools";
import { useGraph } from "./useGraph";
import { words } from "./words";

const NO_GROUPS: ReadonlySet<string> = new Set();
/** A larger DAG opens with its groups folded. */
const UNFOLDED_MAX = 300;

/** Which groups are folded: what was chosen, or at first all of them in a large DAG. */
function useFolds(graph: Drawn | undefined) {
  const [chosen, setChosen] = useState<ReadonlySet<string> | null>(null);
  const groups = useMemo(
    () => new Set(graph?.nodes.filter((node) => node.is_group).map((node) => node.id)),
    [graph],
  );
  const isLarge = (graph?.nodes.length ?? 0) > UNFOLDED_MAX;
  const folded = chosen ?? (isLarge ? groups : NO_GROUPS);
  const toggle = (id: string) => {
    if (!groups.has(id)) return;
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return { groups, folded, toggle, foldAll: (is: boolean) => setChosen(is ? groups : NO_GROUPS) };
}

export function Graph() {
  const dagId = useDagId();
  const text = useWords(words);
  const { states: stateWords } = useText();
  const [selection, select] = useSelection();
  const found = useGraph(dagId, selection.run);
  const [turned, setTurned] = useState<string>();
  const [focus, setFocus] = useState<Focus>("all");
  const [goTo, setGoTo] = useState<{ id: string } | null>(null);
  const graph = found.graph.data;
  const folds = useFolds(graph);
  const { folded } = folds;
  const now = useNow(found.states?.state === "running", 5000);
  const direction = directionOf(turned ?? graph?.orientation ?? "LR");
  const { ends } = found;
  const scene = useMemo(
    () => (graph ? sceneOf(graph, folded, direction, ends) : null),
    [graph, folded, direction, ends],
  );
  const plan = useLayout(scene);
  const looks = useMemo(() => {
    const told = { ...text, states: stateWords, now };
    return graph ? looksOf(graph, found.states, folded, ends, told) : new Map();
  }, [graph, found.states, folded, ends, text, stateWords, now]);
  const inFocus = useMemo(
    () => (scene ? focused(scene.edges, selection.task, focus) : null),
    [scene, selection.task, focus],
  );

  if (found.graph.isError)
    return <Failure error={found.graph.error} retry={() => void found.graph.refetch()} />;
  if (graph?.nodes.length === 0)
    return (
      <Empty title={text.empty}>
        <p>
          <Worded words={text.emptyHint} />
        </p>
      </Empty>
    );
  const jump = (id: string) => {
    select({ run: found.states?.run_id ?? selection.run, task: id });
    setGoTo({ id });
  };
  const choose = (id: string) => {
    const node = graph?.nodes.find((one) => one.id === id);
    if (node && !node.is_group) select({ run: found.states?.run_id ?? selection.run, task: id });
    else if (node) folds.toggle(id);
  };
  return (
    <div className={css.page}>
      <Tools
        {...{ found, folds, focus, setFocus, direction, setTurned, jump }}
        shownRun={found.states?.run_id}
        hasTask={Boolean(selection.task)}
      />
      {plan && (
        <Drawing
          label={text.graph}
          plan={plan}
          looks={looks}
          inFocus={inFocus}
          selected={selection.task}
          onSelect={choose}
          onFold={folds.toggle}
          goTo={goTo}
          subject={`${dagId} ${direction}`}
          isStale={plan.scene !== scene}
        />
      )}
    </div>
  );
}
