/** What can be done to the rows that are chosen; a dialog lists what it touches before it does it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Check } from "@/parts/Field";
import deeds from "@/parts/deeds.module.css";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { readAgain } from "@/views/actions/readAgain";
import { type Action, ALONE, type Around, type Perform } from "./bulk";
import { words } from "./bulkWords";
import css from "./bulk.module.css";

interface Props {
  what: "runs" | "tasks";
  count: number;
  perform: Perform;
  /** Chooses none. */
  onDone: () => void;
}

const ACTIONS = {
  runs: ["clear", "success", "failed", "delete"],
  tasks: ["clear", "success", "failed"],
} as const;
const RESOURCES = { runs: "DAG Runs", tasks: "Task Instances" };

export function BulkBar(props: Props) {
  const { what, count, onDone } = props;
  const text = useWords(words);
  const { ask } = useText();
  const may = useMay();
  const [action, setAction] = useState<Action | undefined>();
  const isAllowed = (one: Action) =>
    may(one === "delete" ? "can_delete" : "can_edit", RESOURCES[what]);
  return (
    <div className={css.bar} role="toolbar" aria-label={text.chosen(count)}>
      <strong role="status">{text.chosen(count)}</strong>
      {ACTIONS[what].map((one) => (
        <Button
          key={one}
          disabled={!isAllowed(one)}
          title={isAllowed(one) ? undefined : ask.notAllowed}
          onClick={() => setAction(one)}
        >
          {text.deeds[one]}
        </Button>
      ))}
      <Button look="quiet" onClick={onDone}>
        {text.none}
      </Button>
      {action && <BulkDialog {...props} action={action} onClose={() => setAction(undefined)} />}
    </div>
  );
}

type DialogProps = Props & { action: Action; onClose: () => void };

function BulkDialog({ what, perform, action, onClose, onDone }: DialogProps) {
  const text = useWords(words);
  const [around, setAround] = useState<Around>(ALONE);
  const preview = useQuery({
    queryKey: ["bulk", what, action, around],
    queryFn: () => perform(action, around, true),
    gcTime: 0,
    staleTime: 0,
    meta: { live: "own" },
  });
  const count = preview.data?.length ?? 0;
  return (
    <ActDialog
      title={text.titles[action]}
      doIt={`${text.deeds[action]} (${count})`}
      look={action === "failed" || action === "delete" ? "danger" : "main"}
      isDisabled={count === 0}
      onClose={onClose}
      act={async () => {
        const done = await perform(action, around, false);
        said(text.done[action](done.length));
        onDone();
        await readAgain(action === "delete");
      }}
    >
      <p>{text.hints[what][action]}</p>
      {what === "tasks" && action === "clear" && (
        <div className={deeds.options}>
          {(Object.keys(ALONE) as (keyof Around)[]).map((name) => (
            <Check
              key={name}
              name={text.around[name]}
              isOn={around[name]}
              onChange={(isOn) => setAround({ ...around, [name]: isOn })}
            />
          ))}
        </div>
      )}
      {preview.isError && <Failure error={preview.error} />}
      {preview.isPending && <p role="status">{text.looking}</p>}
      {preview.data && <TouchedList touched={preview.data} />}
    </ActDialog>
  );
}

const SHOWN = 200;

function TouchedList({ touched }: { touched: Awaited<ReturnType<Perform>> }) {
  const text = useWords(words);
  if (touched.length === 0) return <p>{text.nothing}</p>;
  return (
    <>
      <p>{text.touched(touched.length)}</p>
      <ul className={deeds.touched} tabIndex={0} aria-label={text.touched(touched.length)}>
        {touched.slice(0, SHOWN).map((one, at) => (
          <li key={at}>
            <StateMark state={one.state} /> <strong>{one.name}</strong> <small>{one.place}</small>
          </li>
        ))}
        {touched.length > SHOWN && <li>{text.more(touched.length - SHOWN)}</li>}
      </ul>
    </>
  );
}
