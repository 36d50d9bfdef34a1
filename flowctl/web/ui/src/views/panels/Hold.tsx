/** Holding a run or a task instance: it does not start until it is released, by whom or by time. */

import { useState } from "react";
import { api, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Field } from "@/parts/Field";
import { regret, said } from "@/parts/toasts";
import { useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import { readAgain } from "@/views/actions/readAgain";
import css from "./panels.module.css";
import { words } from "./words";

interface Props {
  dagId: string;
  run: string;
}

type Terms = Schemas["HoldBody"];

const RUN = "/dags/{dag_id}/dagRuns/{dag_run_id}";
const ONE = `${RUN}/taskInstances/{task_id}` as const;

type Hold = Pick<Schemas["Holder"], "held_by" | "held_why" | "held_until">;

/** Say who holds something, until when and why; "" where nobody does. */
function useHeld(hold: Hold | undefined): string {
  const text = useWords(words);
  const worded = useMoment();
  return hold?.held_by ? text.heldBy(hold.held_by, worded(hold.held_until), hold.held_why) : "";
}

function useRunHold({ dagId, run }: Props): Hold | undefined {
  const path = { dag_id: dagId, dag_run_id: run };
  return api.useQuery("get", `${RUN}/hold`, { params: { path } }).data;
}

/** The button that holds a run, or releases it, and who holds it. */
export function HoldRun({ dagId, run }: Props) {
  const text = useWords(words);
  const hold = useRunHold({ dagId, run });
  const held = useHeld(hold);
  const params = { path: { dag_id: dagId, dag_run_id: run } };
  return (
    <>
      <HoldButton
        name={run}
        held={held}
        hint={text.holdRunHint}
        release={text.release}
        onHold={(body) => client.POST(`${RUN}/hold`, { params, body })}
        onRelease={() => client.POST(`${RUN}/release`, { params })}
      />
      {held && <p className={css.heldBy}>{held}</p>}
    </>
  );
}

interface TaskProps extends Props {
  task: string;
  map: number;
  /** Of it, or of its run. */
  hold: Hold | undefined;
}

/** The button that holds a task instance, or releases it, or the run that is held. */
export function HoldTask({ dagId, run, task, map, hold }: TaskProps) {
  const text = useWords(words);
  const isOfRun = Boolean(useRunHold({ dagId, run })?.held_by);
  const path = { dag_id: dagId, dag_run_id: run, task_id: task };
  const params = { path, query: { map_index: map } };
  return (
    <HoldButton
      name={isOfRun ? run : task}
      held={useHeld(hold)}
      hint={text.holdHint}
      release={isOfRun ? text.releaseRun : text.release}
      onHold={(body) => client.POST(`${ONE}/hold`, { params, body })}
      onRelease={() =>
        isOfRun
          ? client.POST(`${RUN}/release`, { params: { path } })
          : client.POST(`${ONE}/release`, { params })
      }
    />
  );
}

interface ButtonProps {
  name: string;
  /** Who holds it; "" where nobody does. */
  held: string;
  hint: string;
  /** What the button says while it is held. */
  release: string;
  onHold: (terms: Terms) => Promise<unknown>;
  onRelease: () => Promise<unknown>;
}

function HoldButton({ name, held, hint, release, onHold, onRelease }: ButtonProps) {
  const text = useWords(words);
  const [isAsking, setAsking] = useState(false);
  async function letGo(): Promise<void> {
    await onRelease();
    await readAgain();
    said(text.released(name));
  }
  return (
    <>
      <Button
        data-key="h"
        aria-keyshortcuts="h"
        title={held || hint}
        onClick={() => (held ? void letGo().catch(regret) : setAsking(true))}
      >
        {held ? release : text.hold}
      </Button>
      {isAsking && (
        <HoldDialog name={name} hint={hint} onHold={onHold} onClose={() => setAsking(false)} />
      )}
    </>
  );
}

interface DialogProps extends Pick<ButtonProps, "name" | "hint" | "onHold"> {
  onClose: () => void;
}

function HoldDialog({ name, hint, onHold, onClose }: DialogProps) {
  const text = useWords(words);
  const [why, setWhy] = useState("");
  const [until, setUntil] = useState("");
  return (
    <ActDialog
      title={text.holdTitle(name)}
      doIt={text.hold}
      onClose={onClose}
      act={async () => {
        await onHold({ why, until: until ? `${until}Z` : null });
        await readAgain();
        said(text.held(name));
      }}
    >
      <p>{hint}</p>
      <Field name={text.why} hint={text.whyHint}>
        <input value={why} maxLength={1000} onChange={(event) => setWhy(event.target.value)} />
      </Field>
      <Field name={text.until} hint={text.untilHint}>
        <input
          type="datetime-local"
          value={until}
          onChange={(event) => setUntil(event.target.value)}
        />
      </Field>
    </ActDialog>
  );
}
