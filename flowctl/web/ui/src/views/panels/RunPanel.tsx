/** One run: its state, dates and conf, and what can be done with it. */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, client, isMissing, type Schemas, untilThere } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failure, Missing } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { between, duration } from "@/time/moments";
import { Moment, useNow } from "@/time/useMoment";
import { readAgain } from "@/views/actions/readAgain";
import { useDeed } from "@/views/actions/deeds";
import { NOTHING, useSelection } from "@/views/dag/selection";
import { Deeds } from "./Deeds";
import { Facts, Value } from "./Facts";
import { HoldRun } from "./Hold";
import { Note } from "./Note";
import { Trail } from "./Trail";
import css from "./panels.module.css";
import { words } from "./words";

export function RunPanel({ dagId, run }: { dagId: string; run: string }) {
  const text = useWords(words);
  const shared = useText();
  const deed = useDeed();
  const may = useMay();
  const path = { dag_id: dagId, dag_run_id: run };
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}",
    { params: { path } },
    untilThere,
  );
  const gantt = api.useQuery("get", "/dags/{dag_id}/dagRuns/{dag_run_id}/gantt", {
    params: { path },
  });
  const states = api.useQuery("get", "/dags/{dag_id}/dagRuns/{dag_run_id}/states", {
    params: { path },
  });
  const shown = found.data as Schemas["DAGRun"] | undefined;
  const now = useNow(shown?.state === "running");
  const [isRemoving, setRemoving] = useState(false);
  const [isTrailed, setTrailed] = useState(false);
  if (isMissing(found.failureReason)) return <Missing error={found.failureReason} />;
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!shown) return null;
  const conf = shown.conf as Record<string, unknown>;
  const targets = [{ run, tasks: [] }];
  const mayEdit = may("can_edit", "DAG Runs");
  return (
    <div className={css.body}>
      <StateMark state={shown.state} />
      {mayEdit && (
        <div className={css.deeds}>
          <Deeds targets={targets} />
          <HoldRun dagId={dagId} run={run} />
          <Button onClick={() => deed({ kind: "trigger", conf })}>{text.again}</Button>
          {may("can_delete", "DAG Runs") && (
            <Button look="quiet" onClick={() => setRemoving(true)}>
              {text.remove}
            </Button>
          )}
        </div>
      )}
      <Facts
        rows={[
          ["run_type", shared.runTypes[shown.run_type]],
          ["logical_date", shown.logical_date && <Moment at={shown.logical_date} />],
          [
            "data_interval_start",
            shown.data_interval_start && <Moment at={shown.data_interval_start} />,
          ],
          ["data_interval_end", shown.data_interval_end && <Moment at={shown.data_interval_end} />],
          ["start_date", shown.start_date && <Moment at={shown.start_date} />],
          ["end_date", shown.end_date && <Moment at={shown.end_date} />],
          [
            "duration",
            shown.start_date && duration(between(shown.start_date, shown.end_date, now)),
          ],
          ["version", states.data && <Version {...{ dagId, run }} number={states.data.version} />],
          ["usual", typeof gantt.data?.expected_s === "number" && duration(gantt.data.expected_s)],
        ].map(([name, value]) => [String(name), value || null])}
      />
      {Object.keys(conf).length > 0 && (
        <>
          <h3>{text.conf}</h3>
          <Value value={conf} />
        </>
      )}
      <Note
        note={shown.note}
        mayWrite={mayEdit}
        write={async (note) => {
          await client.PATCH("/dags/{dag_id}/dagRuns/{dag_run_id}/setNote", {
            params: { path },
            body: { note },
          });
          await readAgain();
        }}
      />
      {may("can_read", "Audit Logs") && (
        <details onToggle={(event) => setTrailed(event.currentTarget.open)}>
          <summary>{text.parts.audit}</summary>
          {isTrailed && <Trail dagId={dagId} run={run} />}
        </details>
      )}
      {isRemoving && <Remove dagId={dagId} run={run} onClose={() => setRemoving(false)} />}
    </div>
  );
}

/** Which version of the DAG a run follows, and the way to its source. */
function Version({ dagId, run, number }: { dagId: string; run: string; number: number }) {
  const text = useWords(words);
  const may = useMay();
  if (!may("can_read", "DAG Code")) return number;
  return (
    <Link
      to={"/dags/$dagId/code" as "/dags/$dagId"}
      params={{ dagId }}
      search={{ run }}
      title={text.toCode}
    >
      {number}
    </Link>
  );
}

function Remove({ dagId, run, onClose }: { dagId: string; run: string; onClose: () => void }) {
  const text = useWords(words);
  const ask = useText().ask;
  const [, select] = useSelection();
  const remove = api.useMutation("delete", "/dags/{dag_id}/dagRuns/{dag_run_id}", {
    onSuccess: async () => {
      select(NOTHING);
      await readAgain(true);
      said(text.removed(run));
    },
  });
  return (
    <Dialog
      title={text.removeTitle}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button
            look="danger"
            disabled={remove.isPending}
            onClick={() => remove.mutate({ params: { path: { dag_id: dagId, dag_run_id: run } } })}
          >
            {ask.delete}
          </Button>
        </>
      }
    >
      {remove.isError && <Failure error={remove.error} />}
      <p>{run}</p>
      <p>{text.removeHint}</p>
    </Dialog>
  );
}
