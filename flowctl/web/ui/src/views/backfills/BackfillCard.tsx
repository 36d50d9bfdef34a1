/** One backfill: its span, how far it is, and what can be done with it. */

import { useState } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { colour } from "@/parts/StateMark";
import { regret, said } from "@/parts/toasts";
import { useMayDag } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import css from "./backfills.module.css";
import { Dates } from "./Dates";
import { type Name, piecesOf, shareOf } from "./progress";
import { words } from "./words";

type Backfill = Schemas["Backfill"];

interface Props {
  backfill: Backfill;
  isOpen: boolean;
  onOpen: (isOpen: boolean) => void;
}

const LISTS = { queryKey: ["get", "/dags/{dag_id}/backfills"] };

/** Show at once what the server answered about a backfill; then read the list again. */
async function show(now: Backfill | undefined): Promise<void> {
  await cache.cancelQueries(LISTS); // what was asked for before tells how it was before
  cache.setQueriesData<Schemas["BackfillCollection"]>(
    LISTS,
    (list) =>
      list && { ...list, backfills: list.backfills.map((one) => (one.id === now?.id ? now : one)) },
  );
  await cache.invalidateQueries(LISTS);
}

export function BackfillCard({ backfill, isOpen, onOpen }: Props) {
  const text = useWords(words);
  const worded = useMoment();
  const { id, from_date, to_date, created_by, created_at, outcome } = backfill;
  const state = outcome ? text.outcomes[outcome] : backfill.is_paused ? text.paused : text.open;
  return (
    <li className={css.card}>
      <div className={css.cardHead}>
        <h2>{text.named(id)}</h2>
        <span className={css.outcome} data-outcome={outcome ?? "open"}>
          {state}
        </span>
        <span className={css.span}>{text.span(worded(from_date), worded(to_date))}</span>
        <span className={css.space} />
        {!outcome && <Deeds backfill={backfill} />}
      </div>
      <Bar backfill={backfill} />
      <p className={css.about}>
        {text.by(created_by, worded(created_at))} · {text.reprocess}:{" "}
        {text.reprocesses[backfill.reprocess_behavior] ?? backfill.reprocess_behavior} · {text.most}
        : {backfill.max_active_runs}
        {backfill.run_backwards && ` · ${text.backwards}`}
      </p>
      {backfill.conf && <pre className={css.conf}>{JSON.stringify(backfill.conf)}</pre>}
      <Button look="quiet" aria-expanded={isOpen} onClick={() => onOpen(!isOpen)}>
        {isOpen ? text.hideDates : text.showDates}
      </Button>
      {isOpen && <Dates backfill={backfill} />}
    </li>
  );
}

function useNameOf(): (name: Name) => string {
  const text = useWords(words);
  const { states } = useText();
  return (name) =>
    ({ to_come: text.toCome, left_out: text.leftOut })[name as "to_come"] ?? states[name] ?? name;
}

function Bar({ backfill }: { backfill: Backfill }) {
  const text = useWords(words);
  const nameOf = useNameOf();
  const pieces = piecesOf(backfill.progress);
  const share = Math.round(shareOf(backfill.progress) * 100);
  const legend = pieces.map(({ name, count }) => `${count} ${nameOf(name)}`).join(", ");
  return (
    <>
      <div
        role="progressbar"
        aria-label={text.bar(backfill.id)}
        aria-valuenow={share}
        aria-valuetext={`${share} %: ${legend}`}
        className={css.bar}
      >
        {pieces.map(({ name, count }) => (
          <span
            key={name}
            data-name={name}
            title={`${count} ${nameOf(name)}`}
            style={{ flexGrow: count, background: fillOf(name) }}
          />
        ))}
      </div>
      <ul className={css.legend}>
        {pieces.map(({ name, count }) => (
          <li key={name}>
            <span aria-hidden="true" style={{ background: fillOf(name) }} />
            {count} {nameOf(name)}
          </li>
        ))}
        <li className={css.share}>{share} %</li>
      </ul>
    </>
  );
}

function fillOf(name: Name): string {
  if (name === "to_come") return "var(--line-strong)";
  return name === "left_out" ? "var(--state-removed)" : colour(name);
}

function Deeds({ backfill }: { backfill: Backfill }) {
  const text = useWords(words);
  const may = useMayDag(backfill.dag_id);
  const [isEnding, setEnding] = useState(false);
  const { id, dag_id, is_paused } = backfill;
  const path = { dag_id, backfill_id: id };
  async function pause(): Promise<void> {
    const body = { is_paused: !is_paused };
    const { data } = await client.PATCH("/dags/{dag_id}/backfills/{backfill_id}", {
      params: { path },
      body,
    });
    said(is_paused ? text.goesOn(id) : text.pausedNow(id));
    await show(data);
  }
  if (!may("can_edit")) return null;
  return (
    <div className={css.deeds}>
      <Button onClick={() => void pause().catch(regret)}>
        {is_paused ? text.resume : text.pause}
      </Button>
      <Button onClick={() => setEnding(true)}>{text.cancel}</Button>
      {isEnding && <Cancel backfill={backfill} onClose={() => setEnding(false)} />}
    </div>
  );
}

function Cancel({ backfill, onClose }: { backfill: Backfill; onClose: () => void }) {
  const text = useWords(words);
  const { id, dag_id, progress } = backfill;
  const under = progress.running + progress.queued;
  async function go(): Promise<void> {
    const path = { dag_id, backfill_id: id };
    const { data } = await client.POST("/dags/{dag_id}/backfills/{backfill_id}/cancel", {
      params: { path },
    });
    onClose();
    said(text.cancelled(id, data?.progress.to_come ?? 0));
    await show(data);
  }
  return (
    <Dialog
      title={text.cancelTitle(id)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{text.keep}</Button>
          <Button look="danger" onClick={() => void go().catch(regret)}>
            {text.doCancel}
          </Button>
        </>
      }
    >
      <p>{text.cancelLeaves(progress.to_come)}</p>
      {under > 0 && <p>{text.cancelRuns(under)}</p>}
    </Dialog>
  );
}
