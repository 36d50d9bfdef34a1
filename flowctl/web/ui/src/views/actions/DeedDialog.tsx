/** Asks before tasks are cleared or marked: shows what will be touched, and says what was done. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Button } from "@/parts/Button";
import deeds from "@/parts/deeds.module.css";
import { Dialog } from "@/parts/Dialog";
import { Failure } from "@/parts/Notice";
import { regret, said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { type Kind, type Options, optionsOf, perform, PLAIN } from "./deed";
import type { Target } from "./deeds";
import { readAgain } from "./readAgain";
import { tasksOf, type Touched } from "./touched";
import { words } from "./words";

interface Props {
  dagId: string;
  kind: Kind;
  targets: Target[];
  onClose: () => void;
}

export function DeedDialog({ dagId, kind, targets, onClose }: Props) {
  const text = useWords(words);
  const ask = useText().ask;
  const [options, setOptions] = useState(PLAIN);
  const [isBusy, setBusy] = useState(false);
  const preview = useQuery({
    queryKey: ["preview", dagId, kind, targets, options],
    queryFn: () => perform(dagId, kind, targets, options, true),
    gcTime: 0,
    staleTime: 0,
    meta: { live: "own" },
  });
  const isWhole = kind !== "clear" && targets.every((target) => target.tasks.length === 0);
  const count = preview.data?.length ?? 0;

  async function go(): Promise<void> {
    setBusy(true);
    const done = await perform(dagId, kind, targets, options, false);
    onClose();
    const run = targets[0]?.run ?? "";
    if (!isWhole) said(text.done[kind](done.length));
    else said(kind === "success" ? text.done.successRun(run) : text.done.failedRun(run));
    await readAgain();
  }

  return (
    <Dialog
      title={text.titles[kind]}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button
            look={kind === "failed" ? "danger" : "main"}
            disabled={isBusy || preview.isPending || (count === 0 && !isWhole)}
            onClick={() =>
              void go().catch((error: unknown) => {
                setBusy(false);
                regret(error);
              })
            }
          >
            {text.doIt[kind]}
            {count > 0 && ` (${count})`}
          </Button>
        </>
      }
    >
      <fieldset className={deeds.options}>
        <legend className="visually-hidden">{text.titles[kind]}</legend>
        {optionsOf(kind, targets).map((name) => (
          <Option
            key={name}
            name={text.options[name]}
            isOn={options[name]}
            onChange={(isOn) => setOptions({ ...options, [name]: isOn } satisfies Options)}
          />
        ))}
      </fieldset>
      {preview.isError && <Failure error={preview.error} />}
      {preview.isPending && <p role="status">{text.looking}</p>}
      {isWhole && <p>{kind === "success" ? text.wholeSuccess : text.wholeFailed}</p>}
      {preview.data && !isWhole && <TouchedList touched={preview.data} />}
    </Dialog>
  );
}

function Option(props: { name: string; isOn: boolean; onChange: (isOn: boolean) => void }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.name}
    </label>
  );
}

const SHOWN = 200;

function TouchedList({ touched }: { touched: Touched[] }) {
  const text = useWords(words);
  const tasks = useMemo(() => tasksOf(touched), [touched]);
  if (touched.length === 0) return <p>{text.nothing}</p>;
  return (
    <>
      <p>{text.touches(touched.length)}</p>
      <ul className={deeds.touched} tabIndex={0} aria-label={text.touches(touched.length)}>
        {tasks.slice(0, SHOWN).map((one, at) => (
          <li key={at}>
            <strong>{one.task_id}</strong>
            {one.count > 1 && ` × ${one.count}`} <small>{one.dag_run_id}</small>
          </li>
        ))}
        {tasks.length > SHOWN && <li>{text.andMore(tasks.length - SHOWN)}</li>}
      </ul>
    </>
  );
}
