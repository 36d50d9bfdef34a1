/** What stands above the graph: which run, what to find, what to dim, which way it goes. */

import { ChevronsDownUp, ChevronsUpDown } from "lucide-react";
import type { FormEvent } from "react";
import type { Direction } from "@/layout/model";
import { IconButton } from "@/parts/Button";
import { StateMark } from "@/parts/StateMark";
import type { Focus } from "@/parts/graph/walk";
import { useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import { useSelection } from "@/views/dag/selection";
import css from "./graph.module.css";
import type { useGraph } from "./useGraph";
import { words } from "./words";

interface Props {
  found: ReturnType<typeof useGraph>;
  shownRun: string | undefined;
  hasTask: boolean;
  folds: { groups: Set<string>; folded: ReadonlySet<string>; foldAll: (is: boolean) => void };
  focus: Focus;
  setFocus: (focus: Focus) => void;
  direction: Direction;
  setTurned: (direction: string) => void;
  jump: (id: string) => void;
}

export function Tools(props: Props) {
  const { found, folds, focus, setFocus, direction, setTurned } = props;
  const text = useWords(words);
  return (
    <div className={css.tools}>
      <Runs found={found} shownRun={props.shownRun} />
      <Find found={found} jump={props.jump} />
      <select
        aria-label={text.focus}
        title={text.focus}
        value={focus}
        disabled={!props.hasTask}
        onChange={(event) => setFocus(event.target.value as Focus)}
      >
        {Object.entries(text.focuses).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <select
        aria-label={text.direction}
        title={text.direction}
        value={direction}
        onChange={(event) => setTurned(event.target.value)}
      >
        {Object.entries(text.directions).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      {folds.groups.size > 0 && (
        <>
          <IconButton label={text.foldAll} onClick={() => folds.foldAll(true)}>
            <ChevronsDownUp size={16} />
          </IconButton>
          <IconButton label={text.unfoldAll} onClick={() => folds.foldAll(false)}>
            <ChevronsUpDown size={16} />
          </IconButton>
        </>
      )}
    </div>
  );
}

function Runs({ found, shownRun }: Pick<Props, "found" | "shownRun">) {
  const text = useWords(words);
  const [, select] = useSelection();
  const worded = useMoment();
  const { runs, states, graph } = found;
  if (runs.length === 0) return <span className={css.said}>{text.noRun}</span>;
  const isListed = runs.some((run) => run.dag_run_id === shownRun);
  return (
    <>
      <select
        aria-label={text.run}
        title={text.run}
        value={shownRun ?? ""}
        onChange={(event) => select({ run: event.target.value })}
      >
        {!isListed && shownRun && <option value={shownRun}>{shownRun}</option>}
        {runs.map((run) => (
          <option key={run.dag_run_id} value={run.dag_run_id ?? ""}>
            {worded(run.logical_date)}
          </option>
        ))}
      </select>
      {states && <StateMark state={states.state} />}
      {graph.data && <span className={css.said}>{text.version(graph.data.version)}</span>}
    </>
  );
}

function Find({ found, jump }: Pick<Props, "found" | "jump">) {
  const text = useWords(words);
  const nodes = found.graph.data?.nodes.filter((node) => !node.is_group) ?? [];
  const go = (asked: string) => {
    const wanted = asked.trim().toLowerCase();
    const hit =
      nodes.find((node) => node.id.toLowerCase() === wanted) ??
      nodes.find((node) => wanted && node.id.toLowerCase().includes(wanted));
    if (hit) jump(hit.id);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    go(String(new FormData(event.currentTarget).get("task")));
  };
  return (
    <form role="search" onSubmit={submit}>
      <input
        type="search"
        name="task"
        list="graph-tasks"
        aria-label={text.find}
        placeholder={text.find}
        onChange={(event) => {
          const { value } = event.target;
          if (nodes.some((node) => node.id === value)) go(value);
        }}
      />
      <datalist id="graph-tasks">
        {nodes.slice(0, 500).map((node) => (
          <option key={node.id} value={node.id} />
        ))}
      </datalist>
    </form>
  );
}
