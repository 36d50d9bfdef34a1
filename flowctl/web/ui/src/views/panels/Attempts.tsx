/** Every start of a task instance: where it ran, how it ended, what it used. */

import { api, type Schemas } from "@/api/client";
import { DataTable } from "@/parts/DataTable";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { Moment } from "@/time/useMoment";
import css from "./panels.module.css";
import { ending, size } from "./starts";
import { words } from "./words";

type Attempt = Schemas["Attempt"];

interface Props {
  dagId: string;
  run: string;
  task: string;
  map: number;
}

export function Attempts({ dagId, run, task, map }: Props) {
  const text = useWords(words);
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/attempts",
    {
      params: {
        path: { dag_id: dagId, dag_run_id: run, task_id: task },
        query: { map_index: map },
      },
    },
  );
  if (found.isError) return <Failure error={found.error} />;
  const rows = found.data?.attempts ?? [];
  const most = found.data?.memory_limit_bytes;
  const limit = typeof most === "number" ? size(most) : "";
  if (found.data && rows.length === 0) return <p className={css.hint}>{text.noAttempts}</p>;
  return (
    <DataTable<Attempt>
      label={text.parts.attempts}
      rows={[...rows].reverse()}
      keyOf={(one) => String(one.start_number)}
      columns={[
        { name: text.rows.try_number ?? "", cell: (one) => one.try_number, isNumber: true },
        { name: text.rows.state ?? "", cell: (one) => <StateMark state={one.state} /> },
        { name: text.rows.start_date ?? "", cell: (one) => <Moment at={one.start_date} /> },
        {
          name: text.rows.duration ?? "",
          cell: (one) => one.run_s !== null && duration(one.run_s),
          isNumber: true,
        },
        {
          name: text.ended,
          cell: (one) => [ending(one, text.exit), one.reason].filter(Boolean).join(": "),
        },
        {
          name: text.memory,
          cell: (one) =>
            one.peak_memory_bytes !== null && text.peak(size(one.peak_memory_bytes), limit),
          isNumber: true,
        },
        {
          name: text.cpu,
          cell: (one) => one.cpu_s !== null && duration(one.cpu_s),
          isNumber: true,
        },
        {
          name: text.rows.hostname ?? "",
          cell: (one) => [one.host, one.pid].filter(Boolean).join(" · "),
        },
      ]}
    />
  );
}
