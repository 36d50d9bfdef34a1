/** Name, schedule, next run and what can be done with a DAG as a whole. */

import { EllipsisVertical } from "lucide-react";
import { useState } from "react";
import { api, cache, client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Switch } from "@/parts/Field";
import { Menu, menuItem } from "@/parts/Menu";
import { Notice } from "@/parts/Notice";
import { regret, said } from "@/parts/toasts";
import { useMay, useMayDag } from "@/shell/session";
import { useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { useDeed } from "@/views/actions/deeds";
import { DeleteDag } from "./DeleteDag";
import css from "./dag.module.css";
import type { Dag } from "./useDag";
import { words } from "./words";

export function DagHead({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const deed = useDeed();
  const may = useMay();
  return (
    <>
      <div className={css.title}>
        <PauseSwitch dag={dag} />
        <h1 title={dag.dag_id}>{dag.dag_display_name}</h1>
        <span className={css.space} />
        {may("can_create", "DAG Runs") && (
          <Button look="main" onClick={() => deed({ kind: "trigger" })}>
            {text.trigger}
          </Button>
        )}
        <More dag={dag} />
      </div>
      <Facts dag={dag} />
      {dag.has_import_errors && <Notice kind="warning">{text.importError}</Notice>}
      {!dag.is_active && <Notice kind="warning">{text.gone}</Notice>}
    </>
  );
}

function PauseSwitch({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const may = useMayDag(dag.dag_id);
  async function set(isActive: boolean): Promise<void> {
    const path = { dag_id: dag.dag_id };
    await client.PATCH("/dags/{dag_id}", {
      params: { path },
      body: { is_paused: !isActive, drain: false },
    });
    await cache.invalidateQueries();
    said(isActive ? text.activeNow(dag.dag_id) : text.pausedNow(dag.dag_id));
  }
  return (
    <Switch
      label={dag.is_paused ? text.paused : text.active}
      isOn={!dag.is_paused}
      isDisabled={!may("can_edit")}
      onChange={(isOn) => void set(isOn).catch(regret)}
    />
  );
}

function Facts({ dag }: { dag: Dag }) {
  const text = useWords(words);
  return (
    <dl className={css.facts}>
      {dag.description && (
        <div>
          <dt className="visually-hidden">{text.description}</dt>
          <dd className={css.description} title={dag.description}>
            {dag.description}
          </dd>
        </div>
      )}
      <div>
        <dt>{text.schedule}</dt>
        <dd title={dag.timetable_description ?? ""}>{scheduleOf(dag) ?? text.noSchedule}</dd>
      </div>
      {dag.schedule_interval && (
        <div>
          <dt>{text.next}</dt>
          <dd>
            {dag.next_dagrun_create_after ? (
              <Moment at={dag.next_dagrun_create_after} />
            ) : (
              text.noNext
            )}
          </dd>
        </div>
      )}
      {dag.owners.length > 0 && (
        <div>
          <dt>{text.owner}</dt>
          <dd>{dag.owners.join(", ")}</dd>
        </div>
      )}
      {dag.tags.length > 0 && (
        <div>
          <dt className="visually-hidden">{text.tags}</dt>
          {dag.tags.map((tag) => (
            <dd key={tag.name} className={css.tag}>
              {tag.name}
            </dd>
          ))}
        </div>
      )}
    </dl>
  );
}

function scheduleOf(dag: Dag): string | null {
  if (dag.timetable_description) return dag.timetable_description;
  const schedule = dag.schedule_interval as Schemas["CronExpression"] | null;
  return schedule && "value" in schedule ? schedule.value : null;
}

function More({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const may = useMayDag(dag.dag_id);
  const [isDeleting, setDeleting] = useState(false);
  const reparse = api.useMutation("put", "/parseDagFile/{file_token}", {
    onSuccess: () => said(text.reparsed),
    onError: regret,
  });
  return (
    <>
      <Menu label={text.more} face={<EllipsisVertical size={18} />}>
        {may("can_edit") && (
          <button
            type="button"
            className={menuItem}
            onClick={() => reparse.mutate({ params: { path: { file_token: dag.file_token } } })}
          >
            {text.reparse}
          </button>
        )}
        {may("can_delete") && (
          <button type="button" className={menuItem} onClick={() => setDeleting(true)}>
            {text.delete}
          </button>
        )}
      </Menu>
      {isDeleting && <DeleteDag dagId={dag.dag_id} onClose={() => setDeleting(false)} />}
    </>
  );
}
