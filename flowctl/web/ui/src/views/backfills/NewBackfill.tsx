/** Makes a backfill: the dates it would fill are shown while it is being described. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Field } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { regret, said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import css from "./backfills.module.css";
import { firstSpan, objectOf } from "./progress";
import { words } from "./words";

type Behaviour = "none" | "failed" | "completed";
type Planned = Schemas["BackfillDates"];
const BEHAVIOURS: Behaviour[] = ["none", "failed", "completed"];
const MOST = 10;

interface Props {
  dagId: string;
  onClose: () => void;
  onMade: (id: number) => void;
}

function bodyOf(form: Form, conf: Record<string, unknown> | null, dry_run: boolean) {
  return {
    from_date: `${form.from}Z`,
    to_date: `${form.to}Z`,
    reprocess_behavior: form.behaviour,
    max_active_runs: form.most,
    run_backwards: form.isBackwards,
    run_on_latest_version: !form.keepsVersion,
    conf: conf as never,
    dry_run,
  };
}

interface Form {
  from: string;
  to: string;
  behaviour: Behaviour;
  most: number;
  isBackwards: boolean;
  keepsVersion: boolean;
  json: string;
}

export function NewBackfill({ dagId, onClose, onMade }: Props) {
  const text = useWords(words);
  const { ask } = useText();
  const [form, setForm] = useState<Form>(() => ({
    ...firstSpan(Date.now()),
    behaviour: "none",
    most: MOST,
    isBackwards: false,
    keepsVersion: false,
    json: "",
  }));
  const [isBusy, setBusy] = useState(false);
  const conf = objectOf(form.json);
  const isWhole = Boolean(form.from && form.to) && form.most >= 1 && Number.isInteger(form.most);
  const path = { dag_id: dagId };
  const asked = bodyOf(form, null, true);
  const plan = useQuery({
    queryKey: ["backfill plan", dagId, asked],
    queryFn: async () => {
      const { data } = await client.POST("/dags/{dag_id}/backfills", {
        params: { path },
        body: asked,
      });
      return data as Planned;
    },
    enabled: isWhole,
    placeholderData: keepPreviousData,
    meta: { live: "own" },
  });
  const runs = (plan.data?.new ?? 0) + (plan.data?.again ?? 0);
  async function go(): Promise<void> {
    setBusy(true);
    const body = bodyOf(form, conf ?? null, false);
    const { data } = await client.POST("/dags/{dag_id}/backfills", { params: { path }, body });
    const made = data as Schemas["Backfill"];
    onClose();
    said(text.made(made.id, made.progress.dates));
    onMade(made.id);
    await cache.invalidateQueries({ queryKey: ["get", "/dags/{dag_id}/backfills"] });
  }
  return (
    <Dialog
      title={text.title(dagId)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button
            type="submit"
            form="backfill"
            look="main"
            disabled={isBusy || plan.isFetching || plan.isError || runs === 0 || conf === undefined}
          >
            {text.go(runs)}
          </Button>
        </>
      }
    >
      <form
        id="backfill"
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void go().catch((error: unknown) => {
            setBusy(false);
            regret(error);
          });
        }}
      >
        <Inputs form={form} setForm={setForm} />
        {conf === undefined && <Notice>{text.notObject}</Notice>}
      </form>
      {plan.isError && isWhole && <Failure error={plan.error} />}
      {plan.isPending && isWhole && <p role="status">{text.looking}</p>}
      {plan.data && !plan.isError && <Plan plan={plan.data} behaviour={form.behaviour} />}
    </Dialog>
  );
}

function Inputs({ form, setForm }: { form: Form; setForm: (form: Form) => void }) {
  const text = useWords(words);
  const change = (part: Partial<Form>) => setForm({ ...form, ...part });
  return (
    <>
      <div className={css.pair}>
        <Field name={text.from}>
          <input
            type="datetime-local"
            required
            value={form.from}
            onChange={(event) => change({ from: event.target.value })}
          />
        </Field>
        <Field name={text.to} hint={text.toHint}>
          <input
            type="datetime-local"
            required
            value={form.to}
            onChange={(event) => change({ to: event.target.value })}
          />
        </Field>
      </div>
      <div className={css.pair}>
        <Field name={text.reprocess}>
          <select
            value={form.behaviour}
            onChange={(event) => change({ behaviour: event.target.value as Behaviour })}
          >
            {BEHAVIOURS.map((one) => (
              <option key={one} value={one}>
                {text.reprocesses[one]}
              </option>
            ))}
          </select>
        </Field>
        <Field name={text.most}>
          <input
            type="number"
            min={1}
            required
            value={form.most || ""}
            onChange={(event) => change({ most: event.target.valueAsNumber })}
          />
        </Field>
      </div>
      <div className={css.checks}>
        <Check
          name={text.backwards}
          isOn={form.isBackwards}
          onChange={(isBackwards) => change({ isBackwards })}
        />
        {form.behaviour !== "none" && (
          <Check
            name={text.oldVersion}
            isOn={form.keepsVersion}
            onChange={(keepsVersion) => change({ keepsVersion })}
          />
        )}
      </div>
      <details>
        <summary>{text.conf}</summary>
        <textarea
          rows={4}
          aria-label={text.conf}
          value={form.json}
          onChange={(event) => change({ json: event.target.value })}
        />
      </details>
    </>
  );
}

function Check(props: { name: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.target.checked)}
      />{" "}
      {props.name}
    </label>
  );
}

const TAKES: Record<Behaviour, string[]> = {
  none: [],
  failed: ["failed"],
  completed: ["success", "failed"],
};

function Plan({ plan, behaviour }: { plan: Planned; behaviour: Behaviour }) {
  const text = useWords(words);
  if (plan.total_entries === 0) return <p>{text.noDates}</p>;
  const fate = (state: string | null) => {
    if (state === null) return text.willRun;
    return TAKES[behaviour].includes(state) ? text.willRunAgain : text.willStay;
  };
  return (
    <>
      <p role="status">{text.counts(plan.new, plan.again, plan.left_out)}</p>
      <ol className={css.plan} tabIndex={0} aria-label={text.dates}>
        {plan.dates.map((date, at) => {
          const state = plan.states[at] ?? null;
          return (
            <li key={date} data-fate={fate(state) === text.willStay ? "stays" : "runs"}>
              <Moment at={date} />
              <span>{fate(state)}</span>
              {state && <StateMark state={state} />}
            </li>
          );
        })}
        {plan.total_entries > plan.dates.length && (
          <li>{text.andMore(plan.total_entries - plan.dates.length)}</li>
        )}
      </ol>
    </>
  );
}
