/** The Gantt chart of a run: when each try of each task waited and ran. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { ChevronDown, ChevronRight, Maximize } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { api, type Schemas } from "@/api/client";
import { IconButton } from "@/parts/Button";
import { Empty, Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { useMoment, useNow } from "@/time/useMoment";
import { useSelection } from "@/views/dag/selection";
import { useDagId } from "@/views/dag/useDag";
import { type Chart, chartOf, type Row, waitedFor } from "./bars";
import css from "./gantt.module.css";
import { Bars, Ticks } from "./RowBars";
import type { Span } from "./scale";
import { useSpan } from "./useSpan";
import { words } from "./words";

const ROW_PX = 28;
const NOTHING: ReadonlySet<string> = new Set();

function useRun(dagId: string, chosen: string | undefined) {
  const path = { dag_id: dagId };
  const runs = api.useQuery("get", "/dags/{dag_id}/dagRuns", {
    params: { path, query: { limit: 50, order_by: "-execution_date" } },
  });
  const listed = (runs.data as Schemas["DAGRunCollection"] | undefined)?.dag_runs ?? [];
  const runId = chosen ?? listed[0]?.dag_run_id ?? undefined;
  const params = { params: { path: { ...path, dag_run_id: runId ?? "" } } };
  const isOn = { enabled: Boolean(runId) };
  const gantt = api.useQuery("get", "/dags/{dag_id}/dagRuns/{dag_run_id}/gantt", params, isOn);
  const states = api.useQuery("get", "/dags/{dag_id}/dagRuns/{dag_run_id}/states", params, isOn);
  const version = states.data?.version ?? 1;
  const graph = api.useQuery(
    "get",
    "/dags/{dag_id}/graph",
    { params: { path, query: { version } } },
    { enabled: states.isSuccess },
  );
  return { runs: listed, isEmpty: runs.isSuccess && !runId, gantt, states, graph };
}

export function Gantt() {
  const dagId = useDagId();
  const text = useWords(words);
  const [selection] = useSelection();
  const found = useRun(dagId, selection.run);
  const error = found.gantt.error ?? found.graph.error;
  const now = useNow(Boolean(found.gantt.data && !found.gantt.data.end_date));
  const [folded, setFolded] = useState(NOTHING);
  const [isCritical, setCritical] = useState(false);
  const chart = useMemo(() => {
    const [graph, gantt] = [found.graph.data, found.gantt.data];
    return graph && gantt ? chartOf(graph, gantt, folded, now) : null;
  }, [found.graph.data, found.gantt.data, folded, now]);
  if (found.isEmpty)
    return (
      <Empty title={text.noRun}>
        <p>{text.noRunHint}</p>
      </Empty>
    );
  if (error) return <Failure error={error} retry={() => void found.gantt.refetch()} />;
  const toggle = (id: string) => {
    const next = new Set(folded);
    if (!next.delete(id)) next.add(id);
    setFolded(next);
  };
  if (!chart) return null;
  const expected = found.gantt.data?.expected_s ?? null;
  const isRunning = !found.gantt.data?.end_date;
  const expectedEnd = isRunning && expected !== null ? chart.start + expected * 1000 : null;
  const rows = isCritical ? chart.rows.filter((row) => row.isCritical) : chart.rows;
  return (
    <div className={css.page}>
      <Tools found={found} chart={chart} expected={expected} expectedEnd={expectedEnd}>
        <label>
          <input
            type="checkbox"
            checked={isCritical}
            onChange={(event) => setCritical(event.target.checked)}
          />{" "}
          {text.onlyCritical}
        </label>
      </Tools>
      <Waited graph={found.graph.data} chart={chart} task={selection.task} />
      <Table
        key={found.gantt.data?.run_id}
        rows={rows}
        most={{ start: chart.start, end: Math.max(chart.end, expectedEnd ?? 0) }}
        expectedEnd={expectedEnd}
        folded={folded}
        toggle={toggle}
        runId={found.gantt.data?.run_id ?? ""}
      />
    </div>
  );
}

interface ToolsProps {
  found: ReturnType<typeof useRun>;
  chart: Chart;
  expected: number | null;
  expectedEnd: number | null;
  children: React.ReactNode;
}

function Tools({ found, chart, expected, expectedEnd, children }: ToolsProps) {
  const text = useWords(words);
  const worded = useMoment();
  const [, select] = useSelection();
  const { gantt, states, runs } = found;
  return (
    <div className={css.tools}>
      <select
        aria-label={text.run}
        value={gantt.data?.run_id}
        onChange={(event) => select({ run: event.target.value })}
      >
        {runs.map((run) => (
          <option key={run.dag_run_id} value={run.dag_run_id ?? ""}>
            {worded(run.logical_date)}
          </option>
        ))}
      </select>
      {states.data && <StateMark state={states.data.state} />}
      <span>{text.took(duration((chart.end - chart.start) / 1000))}</span>
      {expected !== null && <span className={css.soft}>{text.usually(duration(expected))}</span>}
      {expectedEnd !== null && (
        <strong>{text.expected(worded(new Date(expectedEnd).toISOString()))}</strong>
      )}
      {children}
    </div>
  );
}

interface WaitedProps {
  graph: Parameters<typeof waitedFor>[0] | undefined;
  chart: Chart;
  task: string | undefined;
}

/** What a selected task waited for, and how much time there was. */
function Waited({ graph, chart, task }: WaitedProps) {
  const text = useWords(words);
  const worded = useMoment();
  const row = chart.rows.find((one) => one.id === task);
  if (!graph || !task || !row) return null;
  const [last] = waitedFor(graph, chart, task);
  return (
    <p className={css.waited} role="status">
      <strong>{row.label}</strong>{" "}
      {last ? text.waited(last.id, worded(new Date(last.end).toISOString())) : text.waitedNone};{" "}
      {row.isCritical ? text.critical : text.slack(duration(row.slack / 1000))}
    </p>
  );
}

interface TableProps {
  rows: Row[];
  most: Span;
  expectedEnd: number | null;
  folded: ReadonlySet<string>;
  toggle: (id: string) => void;
  runId: string;
}

function Table({ rows, most, expectedEnd, folded, toggle, runId }: TableProps) {
  const text = useWords(words);
  const box = useRef<HTMLDivElement>(null);
  const [selection, select] = useSelection();
  const { span, reset, isWhole } = useSpan(box, most);
  // eslint-disable-next-line react-hooks/incompatible-library -- its rows are not memoised
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const choose = (row: Row) =>
    row.isGroup ? toggle(row.id) : select({ run: runId, task: row.id });
  return (
    <div ref={box} className={css.table} role="group" aria-label={text.chart} title={text.zoom}>
      <div className={css.axis}>
        <div className={css.corner}>
          {!isWhole && (
            <IconButton label={text.whole} onClick={reset}>
              <Maximize size={14} />
            </IconButton>
          )}
        </div>
        <Ticks span={span} mark={expectedEnd} />
      </div>
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          return (
            <div
              key={row.id}
              className={`${css.row} ${row.id === selection.task ? css.chosen : ""}`}
              style={{ transform: `translateY(${item.start}px)`, height: ROW_PX }}
            >
              <button
                type="button"
                className={css.name}
                style={{ paddingInlineStart: 8 + row.depth * 14 }}
                aria-expanded={row.isGroup ? !folded.has(row.id) : undefined}
                aria-pressed={row.isGroup ? undefined : row.id === selection.task}
                onClick={() => choose(row)}
              >
                {row.isGroup && <FoldSign isFolded={folded.has(row.id)} />}
                <span className={row.isCritical ? css.critical : undefined}>{row.label}</span>
                {row.instances > 1 && <small>{text.instances(row.instances)}</small>}
              </button>
              <Bars row={row} span={span} onChoose={() => choose(row)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function FoldSign({ isFolded }: { isFolded: boolean }) {
  return isFolded ? <ChevronRight size={14} /> : <ChevronDown size={14} />;
}
