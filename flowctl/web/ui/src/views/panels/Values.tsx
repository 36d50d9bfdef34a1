/** What a task instance left and was given: XComs, rendered fields. */

import { useState } from "react";
import { api } from "@/api/client";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import { Value } from "./Facts";
import css from "./panels.module.css";
import { words } from "./words";

interface Props {
  dagId: string;
  run: string;
  task: string;
  map: number;
}

export function XComs({ dagId, run, task, map }: Props) {
  const text = useWords(words);
  const [open, setOpen] = useState<string | undefined>();
  const path = { dag_id: dagId, dag_run_id: run, task_id: task };
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries",
    { params: { path, query: { map_index: map } } },
  );
  if (found.isError) return <Failure error={found.error} />;
  if (found.data?.xcom_entries.length === 0) return <p className={css.hint}>{text.noXcom}</p>;
  return found.data?.xcom_entries.map(({ key }) => (
    <details
      key={key}
      open={open === key || found.data.xcom_entries.length === 1}
      onToggle={(event) => event.currentTarget.open && setOpen(key)}
    >
      <summary>{key}</summary>
      {(open === key || found.data.xcom_entries.length === 1) && (
        <XComValue path={{ ...path, xcom_key: key }} map={map} />
      )}
    </details>
  ));
}

function XComValue(props: {
  path: { dag_id: string; dag_run_id: string; task_id: string; xcom_key: string };
  map: number;
}) {
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/xcomEntries/{xcom_key}",
    { params: { path: props.path, query: { map_index: props.map, stringify: false } } },
  );
  if (found.isError) return <Failure error={found.error} />;
  return found.data ? <Value value={found.data.value} /> : null;
}

export function Rendered({ fields }: { fields: Record<string, unknown> }) {
  const text = useWords(words);
  const rows = Object.entries(fields);
  if (rows.length === 0) return <p className={css.hint}>{text.noRendered}</p>;
  return rows.map(([name, value]) => (
    <section key={name}>
      <h3>{name}</h3>
      <Value value={value} />
    </section>
  ));
}
