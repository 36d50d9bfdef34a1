/** Triggers a run: a form made from the DAG's Params, or its conf as JSON. */

import { useMemo, useState } from "react";
import { client } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field as Labelled } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { type Dag } from "@/views/dag/useDag";
import css from "./actions.module.css";
import { type Field, fieldsOf, type Param, textOf, valueOf } from "./params";
import { ParamsForm } from "./ParamsForm";
import { readAgain } from "./readAgain";
import { words } from "./words";

interface Props {
  dag: Dag;
  /** The conf of an earlier run, to begin with. */
  conf: Record<string, unknown> | undefined;
  onClose: () => void;
  onTriggered?: (run: string | undefined) => void;
}

export function TriggerDialog({ dag, conf, onClose, onTriggered }: Props) {
  const text = useWords(words);
  const ask = useText().ask;
  const fields = useMemo(() => fieldsOf(dag.params as Record<string, Param>), [dag.params]);
  const known = new Set(fields.map((field) => field.name));
  const extra = Object.entries(conf ?? {}).filter(([name]) => !known.has(name));
  const [texts, setTexts] = useState(() => firstTexts(fields, conf));
  const [json, setJson] = useState(() => JSON.stringify(conf ?? {}, null, 2));
  const [isJson, setIsJson] = useState(fields.length === 0 || extra.length > 0);
  const [more, setMore] = useState({ run: "", date: "", note: "" });
  const [isActivating, setActivating] = useState(true);
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const meant = isJson ? objectOf(json) : confOf(fields, texts);

  function turn(toJson: boolean): void {
    if (toJson && meant) setJson(JSON.stringify(meant, null, 2));
    if (!toJson && meant) setTexts(firstTexts(fields, meant));
    setIsJson(toJson);
  }
  async function go(): Promise<void> {
    setTried(true);
    if (!meant) return;
    setBusy(true);
    const path = { dag_id: dag.dag_id };
    const { data } = await client.POST("/dags/{dag_id}/dagRuns", {
      params: { path },
      body: {
        conf: meant as never,
        dag_run_id: more.run || null,
        logical_date: more.date ? `${more.date}Z` : null,
        note: more.note || null,
        execution_date: null,
        data_interval_start: null,
        data_interval_end: null,
      },
    });
    if (dag.is_paused && isActivating)
      await client.PATCH("/dags/{dag_id}", {
        params: { path },
        body: { is_paused: false, drain: false },
      });
    onClose();
    said(text.triggered(data?.dag_run_id ?? ""));
    await readAgain();
    onTriggered?.(data?.dag_run_id ?? undefined);
  }

  return (
    <Dialog
      title={text.triggerTitle(dag.dag_display_name)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button type="submit" form="trigger" look="main" disabled={isBusy}>
            {text.trigger}
          </Button>
        </>
      }
    >
      <form
        id="trigger"
        className={css.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void go().catch((found: unknown) => {
            setBusy(false);
            setError(found);
          });
        }}
      >
        {error !== null && <Failure error={error} />}
        {fields.length > 0 && (
          <div className={css.ways}>
            <Button aria-pressed={!isJson} onClick={() => turn(false)}>
              {text.form}
            </Button>
            <Button aria-pressed={isJson} onClick={() => turn(true)}>
              {text.json}
            </Button>
          </div>
        )}
        {isJson ? (
          <Labelled name={text.conf}>
            <textarea rows={8} value={json} onChange={(event) => setJson(event.target.value)} />
          </Labelled>
        ) : (
          <ParamsForm
            fields={fields}
            texts={texts}
            isTried={isTried}
            onChange={(name, value) => setTexts({ ...texts, [name]: value })}
          />
        )}
        {isJson && !meant && <Notice>{text.notObject}</Notice>}
        <details>
          <summary>{text.more}</summary>
          <div className={css.form}>
            <Labelled name={text.logicalDate}>
              <input
                type="datetime-local"
                step="1"
                value={more.date}
                onChange={(event) => setMore({ ...more, date: event.target.value })}
              />
            </Labelled>
            <Labelled name={text.runId} hint={text.runIdHint}>
              <input
                value={more.run}
                onChange={(event) => setMore({ ...more, run: event.target.value })}
              />
            </Labelled>
            <Labelled name={text.note}>
              <textarea
                rows={2}
                maxLength={1000}
                value={more.note}
                onChange={(event) => setMore({ ...more, note: event.target.value })}
              />
            </Labelled>
          </div>
        </details>
        {dag.is_paused && (
          <>
            <Notice kind="warning">{text.paused}</Notice>
            <label className={css.yes}>
              <input
                type="checkbox"
                checked={isActivating}
                onChange={(event) => setActivating(event.target.checked)}
              />
              {text.activate}
            </label>
          </>
        )}
      </form>
    </Dialog>
  );
}

function firstTexts(fields: Field[], conf: Record<string, unknown> | undefined) {
  return Object.fromEntries(
    fields.map((field) => [
      field.name,
      conf && field.name in conf ? textOf(conf[field.name], field.kind) : field.text,
    ]),
  );
}

/** Return the conf that the inputs mean; undefined while one of them is wrong. */
function confOf(fields: Field[], texts: Record<string, string>) {
  const conf: Record<string, unknown> = {};
  for (const field of fields) {
    const found = valueOf(field, texts[field.name] ?? "");
    if ("wrong" in found) return undefined;
    conf[field.name] = found.value;
  }
  return conf;
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const found = JSON.parse(json || "{}") as unknown;
    const isObject = typeof found === "object" && found !== null && !Array.isArray(found);
    return isObject ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
