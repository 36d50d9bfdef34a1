/** One task instance: why it is as it is, its tries, log, XCom and all else that is known of it. */

import { api, client, isMissing, type Schemas, untilThere } from "@/api/client";
import { Button } from "@/parts/Button";
import { Failure, Missing } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useMay } from "@/shell/session";
import { useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { Moment, useMoment } from "@/time/useMoment";
import { readAgain } from "@/views/actions/readAgain";
import { useSelection } from "@/views/dag/selection";
import { Attempts } from "./Attempts";
import { Deeds } from "./Deeds";
import { Facts, Value } from "./Facts";
import { HoldTask } from "./Hold";
import { Instances } from "./Instances";
import { Log } from "./Log";
import { Note } from "./Note";
import { Tabs } from "./Tabs";
import { Trail } from "./Trail";
import { Rendered, XComs } from "./Values";
import css from "./panels.module.css";
import { words } from "./words";

type Instance = Omit<Schemas["TaskInstance"], "sla_miss">;
const MOVING = ["running", "queued", "restarting", "deferred", "up_for_reschedule"];
const PARTS = ["log", "details", "attempts", "xcom", "rendered", "audit"] as const;

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
    untilThere,
  );
  if (isMissing(all.failureReason)) return <Missing error={all.failureReason} />;
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
  const [selection] = useSelection();
  const found = useInstance({ dagId, run, task, map });
  const may = useMay();
  const shown = PARTS.filter((name) => name !== "audit" || may("can_read", "Audit Logs"));
  const part = shown.find((name) => name === selection.panel) ?? "log";
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  const one = found.data;
  if (!one) return null;
  const tried = selection.try ?? one.try_number;
  return (
    <div className={css.body} data-fills={part === "log" || undefined}>
      <Why dagId={dagId} run={run} task={task} map={map} />
      <Actions dagId={dagId} run={run} task={task} map={map} />
      <Tabs names={shown} chosen={part} />
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
      {part === "attempts" && <Attempts dagId={dagId} run={run} task={task} map={map} />}
      {part === "audit" && <Trail dagId={dagId} run={run} task={task} map={map} />}
      {part === "rendered" && <Rendered fields={one.rendered_fields} />}
    </div>
  );
}

function useWhy({ dagId, run, task, map }: Which & { map: number }) {
  return api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/explain",
    {
      params: {
        path: { dag_id: dagId, dag_run_id: run, task_id: task },
        query: { map_index: map },
      },
    },
  );
}

function Why(which: Which & { map: number }) {
  const found = useWhy(which);
  const text = useWords(words);
  const moment = useMoment();
  if (found.isError) return <Failure error={found.error} />;
  if (!found.data) return null;
  return (
    <div className={css.why}>
      <StateMark state={found.data.state} />
      <p>
        {found.data.reason}
        {found.data.expected_at && (
          <>
            {" "}
            <span className={css.hint}>
              {text.expected(moment(found.data.expected_at), found.data.expected_from_runs ?? 0)}
            </span>
          </>
        )}
      </p>
    </div>
  );
}

function Actions({ dagId, run, task, map }: Which & { map: number }) {
  const hold = useWhy({ dagId, run, task, map }).data;
  const may = useMay();
  if (!may("can_edit", "Task Instances")) return null;
  const targets = [{ run, tasks: [task], ...(map < 0 ? {} : { map }) }];
  return (
    <div className={css.deeds}>
      <Deeds targets={targets} />
      <HoldTask dagId={dagId} run={run} task={task} map={map} hold={hold} />
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
          ["task_id", one.task_id],
          ["dag_id", one.dag_id],
          ["dag_run_id", one.dag_run_id],
          ["map_index", one.map_index < 0 ? null : one.map_index],
          ["logical_date", one.execution_date ? <Moment at={one.execution_date} /> : null],
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
          ["executor_config", one.executor_config === "{}" ? null : one.executor_config],
          ["rendered_map_index", one.rendered_map_index],
          ["unixname", one.unixname],
          ["trigger", one.trigger && <Value value={one.trigger} />],
          ["triggerer_job", one.triggerer_job && <Value value={one.triggerer_job} />],
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
