/** One task instance: why it is as it is, its tries, log, XCom and all else that is known of it. */

import { useState } from "react";
import { api, client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useMay } from "@/shell/session";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { Moment } from "@/time/useMoment";
import { readAgain } from "@/views/actions/readAgain";
import { useDeed } from "@/views/actions/deeds";
import { useSelection } from "@/views/dag/selection";
import { Facts, Value } from "./Facts";
import { Instances } from "./Instances";
import { Log } from "./Log";
import { Note } from "./Note";
import css from "./panels.module.css";
import { words } from "./words";

type Instance = Omit<Schemas["TaskInstance"], "sla_miss">;
const MOVING = ["running", "queued", "restarting", "deferred", "up_for_reschedule"];
const PARTS = ["log", "details", "xcom", "rendered"] as const;

interface Which {
  dagId: string;
  run: string;
  task: string;
}

export function TaskPanel({ dagId, run, task }: Which) {
  const text = useWords(words);
  const [{ map }, select] = useSelection();
  const path = { dag_id: dagId, dag_run_id: run, task_id: task };
  const all = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped",
    { params: { path, query: { limit: 1 } } },
  );
  if (all.isError) return <Failure error={all.error} retry={() => void all.refetch()} />;
  if (!all.data) return null;
  if (all.data.total_entries > 0 && map === undefined)
    return <Instances dagId={dagId} run={run} task={task} />;
  return (
    <>
      {map !== undefined && (
        <Button look="quiet" onClick={() => select({ map: undefined, try: undefined })}>
          {text.backToAll}
        </Button>
      )}
      <One dagId={dagId} run={run} task={task} map={map ?? -1} />
    </>
  );
}

function useInstance({ dagId, run, task, map }: Which & { map: number }) {
  const path = { dag_id: dagId, dag_run_id: run, task_id: task };
  const plain = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}",
    { params: { path } },
    { enabled: map < 0 },
  );
  const mapped = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}",
    { params: { path: { ...path, map_index: map } } },
    { enabled: map >= 0 },
  );
  return map < 0 ? plain : mapped;
}

function One({ dagId, run, task, map }: Which & { map: number }) {
  const text = useWords(words);
  const [selection, select] = useSelection();
  const found = useInstance({ dagId, run, task, map });
  const part = PARTS.find((name) => name === selection.panel) ?? "log";
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const one = found.data;
  if (!one) return null;
  const tried = selection.try ?? one.try_number;
  return (
    <div className={css.body} data-fills={part === "log" || undefined}>
      <Why dagId={dagId} run={run} task={task} map={map} />
      <Actions run={run} task={task} map={map} />
      <div className={css.parts} role="tablist">
        {PARTS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={name === part}
            onClick={() => select({ panel: name })}
          >
            {text.parts[name]}
          </button>
        ))}
      </div>
      {part === "log" && one.try_number > 0 && (
        <>
          {one.try_number > 1 && <Tries last={one.try_number} chosen={tried} />}
          <Log
            key={`${map} ${tried}`}
            log={{ dagId, run, task, map, tryNumber: tried }}
            isGrowing={tried === one.try_number && MOVING.includes(one.state ?? "")}
          />
        </>
      )}
      {part === "log" && one.try_number === 0 && <p className={css.hint}>{text.noLog}</p>}
      {part === "details" && <Details one={one} which={{ dagId, run, task, map }} />}
      {part === "xcom" && <XComs dagId={dagId} run={run} task={task} map={map} />}
      {part === "rendered" && <Rendered fields={one.rendered_fields} />}
    </div>
  );
}

function Why({ dagId, run, task, map }: Which & { map: number }) {
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/explain",
    {
      params: {
        path: { dag_id: dagId, dag_run_id: run, task_id: task },
        query: { map_index: map },
      },
    },
  );
  if (found.isError) return <Failure error={found.error} />;
  if (!found.data) return null;
  return (
    <div className={css.why}>
      <StateMark state={found.data.state} />
      <p>{found.data.reason}</p>
    </div>
  );
}

function Actions({ run, task, map }: { run: string; task: string; map: number }) {
  const text = useWords(words);
  const deed = useDeed();
  const may = useMay();
  if (!may("can_edit", "Task Instances")) return null;
  const targets = [{ run, tasks: [task], ...(map < 0 ? {} : { map }) }];
  return (
    <div className={css.deeds}>
      <Button onClick={() => deed({ kind: "clear", targets })}>{text.clear}</Button>
      <Button onClick={() => deed({ kind: "success", targets })}>{text.success}</Button>
      <Button onClick={() => deed({ kind: "failed", targets })}>{text.failed}</Button>
    </div>
  );
}

function Tries({ last, chosen }: { last: number; chosen: number }) {
  const text = useWords(words);
  const [, select] = useSelection();
  return (
    <label className={css.tries}>
      <span className="visually-hidden">{text.tries}</span>
      <select value={chosen} onChange={(event) => select({ try: Number(event.target.value) })}>
        {Array.from({ length: last }, (_, at) => (
          <option key={at} value={at + 1}>
            {text.try(at + 1)}
          </option>
        ))}
      </select>
    </label>
  );
}

function Details({ one, which }: { one: Instance; which: Which & { map: number } }) {
  const may = useMay();
  const path = { dag_id: which.dagId, dag_run_id: which.run, task_id: which.task };
  async function write(note: string | null): Promise<void> {
    if (which.map < 0)
      await client.PATCH("/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/setNote", {
        params: { path },
        body: { note },
      });
    else
      await client.PATCH(
        "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/{map_index}/setNote",
        { params: { path: { ...path, map_index: which.map } }, body: { note } },
      );
    await readAgain();
  }
  return (
    <>
      <Facts
        rows={[
          ["operator", one.operator],
          ["queued_when", one.queued_when ? <Moment at={one.queued_when} /> : null],
          ["start_date", one.start_date ? <Moment at={one.start_date} /> : null],
          ["end_date", one.end_date ? <Moment at={one.end_date} /> : null],
          ["duration", one.duration === null ? null : duration(one.duration)],
          ["try_number", one.try_number],
          ["max_tries", one.max_tries],
          ["pool", one.pool],
          ["pool_slots", one.pool_slots],
          ["queue", one.queue],
          ["priority_weight", one.priority_weight],
          ["hostname", one.hostname],
          ["pid", one.pid],
          ["executor", one.executor],
        ]}
      />
      <Links which={which} />
      <Note note={one.note} write={write} mayWrite={may("can_edit", "Task Instances")} />
    </>
  );
}

function Links({ which }: { which: Which & { map: number } }) {
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/links",
    {
      params: {
        path: { dag_id: which.dagId, dag_run_id: which.run, task_id: which.task },
        query: { map_index: which.map },
      },
    },
  );
  const links = Object.entries(found.data ?? {}).filter(([, url]) =>
    /^https?:/.test(String(url)),
  ) as [string, string][];
  return links.map(([name, url]) => (
    <a key={name} href={url} target="_blank" rel="noreferrer">
      {name}
    </a>
  ));
}

function XComs({ dagId, run, task, map }: Which & { map: number }) {
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

function Rendered({ fields }: { fields: Record<string, unknown> }) {
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
