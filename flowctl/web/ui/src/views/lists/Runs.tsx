/** Runs of all DAGs, the latest first. */

import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { Moment, useNow } from "@/time/useMoment";
import { BulkBar } from "./Bulk";
import { onRuns, type Run } from "./bulk";
import { type Filter, filterOf } from "./filter";
import { StateChoice } from "./StateChoice";
import { took } from "./took";
import { words } from "./words";

const STATES = ["queued", "running", "success", "failed"];
const TICK_MS = 2_000;

export function Runs() {
  const text = useWords(words);
  const { nav, runTypes } = useText();
  const now = useNow(true, TICK_MS);
  const { state = "", search = "" } = useSearch({ from: "/runs" });
  const navigate = useNavigate({ from: "/runs" });
  const [chosen, setChosen] = useState<ReadonlyMap<string, Run>>(new Map());
  const filter = (next: Filter) =>
    void navigate({ search: filterOf({ state, search, ...next }), replace: true });
  return (
    <ListPage<Run>
      title={nav.runs}
      queryKey={["runs", state, search]}
      chosen={{ rows: chosen, set: setChosen }}
      above={
        chosen.size > 0 && (
          <BulkBar
            what="runs"
            count={chosen.size}
            perform={onRuns([...chosen.values()])}
            onDone={() => setChosen(new Map())}
          />
        )
      }
      empty={search || state ? text.empty.noRuns : text.empty.runs}
      keyOf={(run) => `${run.dag_id} ${run.dag_run_id}`}
      read={async (page) => {
        const query = {
          ...page,
          order_by: "-start_date",
          ...(state ? { state: [state] } : {}),
          ...(search ? { search } : {}),
        };
        const { data } = await client.GET("/dags/{dag_id}/dagRuns", {
          params: { path: { dag_id: "~" }, query: query as never },
        });
        const found = data as Schemas["DAGRunCollection"];
        return { rows: found.dag_runs as Run[], total: found.total_entries };
      }}
      tools={
        <>
          <SearchField
            label={text.searchRuns}
            value={search}
            onChange={(value) => filter({ search: value })}
          />
          <StateChoice
            value={state}
            states={STATES}
            onChange={(value) => filter({ state: value })}
          />
        </>
      }
      columns={[
        { name: text.state, cell: (run) => <StateMark state={run.state} /> },
        {
          name: text.dag,
          cell: (run) => (
            <Link to="/dags/$dagId" params={{ dagId: run.dag_id }}>
              {run.dag_id}
            </Link>
          ),
        },
        {
          name: text.run,
          cell: (run) => (
            <Link
              to="/dags/$dagId"
              params={{ dagId: run.dag_id }}
              search={{ run: run.dag_run_id ?? "" }}
            >
              {run.dag_run_id}
            </Link>
          ),
        },
        { name: text.type, cell: (run) => runTypes[run.run_type] ?? run.run_type },
        { name: text.date, cell: (run) => <Moment at={run.logical_date} /> },
        { name: text.start, cell: (run) => <Moment at={run.start_date} /> },
        { name: text.took, cell: (run) => took(run, now), isNumber: true },
      ]}
    />
  );
}
