/** How long the runs of a DAG and its tasks took, and how long after their data they were done. */

import { keepPreviousData } from "@tanstack/react-query";
import { api, type Schemas } from "@/api/client";
import { DataTable } from "@/parts/DataTable";
import { Empty, Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { Moment } from "@/time/useMoment";
import { numberIn, textIn, useKept } from "@/views/dag/kept";
import { useDagId } from "@/views/dag/useDag";
import { Chart } from "./Chart";
import { type Bar, barsOf } from "./chart";
import css from "./durations.module.css";
import { words } from "./words";

const COUNTS = [25, 50, 100, 200, 400];
const COUNT = 50;
const STATES = ["queued", "running", "success", "failed"];

interface Kept {
  limit?: number | undefined;
  type?: string | undefined;
  state?: string | undefined;
  task?: string | undefined;
}

const keptIn = (search: Record<string, unknown>): Kept => ({
  limit: COUNTS.find((count) => count === numberIn(search.limit)),
  type: textIn(search.type),
  state: textIn(search.state),
  task: textIn(search.task),
});

export function Durations() {
  const dagId = useDagId();
  const text = useWords(words);
  const [kept, keep] = useKept(keptIn);
  const { limit = COUNT, type, state, task } = kept;
  const query = {
    limit,
    ...(type ? { run_type: [type] } : {}),
    ...(state ? { state: [state] } : {}),
  };
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/durations",
    { params: { path: { dag_id: dagId }, query: query as never } },
    { placeholderData: keepPreviousData },
  );
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  const chosen = found.data.tasks.find((one) => one.task_id === task);
  const bars = barsOf(found.data.runs, chosen);
  const isFiltered = Boolean(type || state);
  return (
    <div className={css.page}>
      <Tools kept={kept} keep={keep} tasks={found.data.tasks} />
      {bars.length === 0 && (
        <Empty title={isFiltered ? text.noMatch : text.none}>
          <p>{isFiltered ? text.noMatchHint : text.noneHint}</p>
        </Empty>
      )}
      {bars.length > 0 && (
        <>
          <Chart
            dagId={dagId}
            task={chosen?.task_id}
            name={text.durations}
            hint={chosen ? text.durationsOfTask(chosen.task_id) : text.durationsHint}
            bars={bars}
            partsOf={({ waited, ran }) => [
              { name: "waited", value: waited },
              { name: "ran", value: ran },
            ]}
            measured={(bar) => bar.ran}
          />
          <Chart
            dagId={dagId}
            task={chosen?.task_id}
            name={text.landing}
            hint={chosen ? text.landingOfTask(chosen.task_id) : text.landingHint}
            bars={bars}
            partsOf={({ landed }) => [{ name: "landed", value: landed }]}
            measured={(bar) => bar.landed}
          />
          <details>
            <summary>{text.table}</summary>
            <Table bars={bars} />
          </details>
        </>
      )}
    </div>
  );
}

interface ToolsProps {
  kept: Kept;
  keep: (next: Kept) => void;
  tasks: Schemas["TaskTimes"][];
}

function Tools({ kept, keep, tasks }: ToolsProps) {
  const text = useWords(words);
  const { states, runTypes } = useText();
  return (
    <div className={css.tools}>
      <Choice
        name={text.task}
        value={kept.task}
        none={text.whole}
        options={tasks.map(({ task_id }) => [task_id, task_id])}
        onChange={(task) => keep({ task })}
      />
      <Choice
        name={text.runs}
        value={String(kept.limit ?? COUNT)}
        options={COUNTS.map((count) => [String(count), text.last(count)])}
        onChange={(limit) => keep({ limit: Number(limit) })}
      />
      <Choice
        name={text.type}
        value={kept.type}
        none={text.any}
        options={Object.entries(runTypes)}
        onChange={(type) => keep({ type })}
      />
      <Choice
        name={text.state}
        value={kept.state}
        none={text.any}
        options={STATES.map((state) => [state, states[state] ?? state])}
        onChange={(state) => keep({ state })}
      />
    </div>
  );
}

interface ChoiceProps {
  name: string;
  value: string | undefined;
  /** What no choice is called; without it there always is one. */
  none?: string;
  options: [string, string][];
  onChange: (value: string | undefined) => void;
}

function Choice({ name, value, none, options, onChange }: ChoiceProps) {
  return (
    <label>
      {name}
      <select value={value ?? ""} onChange={(event) => onChange(event.target.value || undefined)}>
        {none && <option value="">{none}</option>}
        {options.map(([option, shown]) => (
          <option key={option} value={option}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

function Table({ bars }: { bars: Bar[] }) {
  const text = useWords(words);
  const time = (value: number | null) => (value === null ? "" : duration(value));
  return (
    <DataTable
      label={text.durations}
      rows={[...bars].reverse()}
      keyOf={(bar) => bar.run.run_id}
      columns={[
        { name: text.run, cell: (bar) => bar.run.run_id },
        { name: text.date, cell: (bar) => <Moment at={bar.run.logical_date} /> },
        { name: text.state, cell: (bar) => <StateMark state={bar.run.state} /> },
        { name: text.waited, cell: (bar) => time(bar.waited), isNumber: true },
        { name: text.ran, cell: (bar) => time(bar.ran), isNumber: true },
        { name: text.landed, cell: (bar) => time(bar.landed), isNumber: true },
      ]}
    />
  );
}
