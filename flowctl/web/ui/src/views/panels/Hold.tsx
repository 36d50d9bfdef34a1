/** Holding a run or a task instance: it does not start until somebody releases it. */

import { api, client } from "@/api/client";
import { Button } from "@/parts/Button";
import { regret, said } from "@/parts/toasts";
import { useWords } from "@/text/text";
import { readAgain } from "@/views/actions/readAgain";
import css from "./panels.module.css";
import { words } from "./words";

interface Props {
  dagId: string;
  run: string;
}

const RUN_HOLD = "/dags/{dag_id}/dagRuns/{dag_run_id}/hold";

function useRunHolder({ dagId, run }: Props): string | null {
  const path = { dag_id: dagId, dag_run_id: run };
  return api.useQuery("get", RUN_HOLD, { params: { path } }).data?.held_by ?? null;
}

/** The button that holds a run, or releases it. */
export function HoldRun({ dagId, run }: Props) {
  const text = useWords(words);
  const holder = useRunHolder({ dagId, run });
  const path = { dag_id: dagId, dag_run_id: run };
  async function turn(): Promise<void> {
    if (holder)
      await client.POST("/dags/{dag_id}/dagRuns/{dag_run_id}/release", { params: { path } });
    else await client.POST(RUN_HOLD, { params: { path } });
    await readAgain();
    said(holder ? text.released(run) : text.held(run));
  }
  return (
    <>
      <Button
        data-key="h"
        aria-keyshortcuts="h"
        title={holder ? undefined : text.holdRunHint}
        onClick={() => void turn().catch(regret)}
      >
        {holder ? text.release : text.hold}
      </Button>
      {holder && <p className={css.heldBy}>{text.heldBy(holder)}</p>}
    </>
  );
}

interface TaskProps extends Props {
  task: string;
  map: number;
  /** Who holds it, or its run. */
  holder: string | null;
}

const ONE = "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}";

/** The button that holds a task instance, or releases it, or the run that is held. */
export function HoldTask({ dagId, run, task, map, holder }: TaskProps) {
  const text = useWords(words);
  const ofRun = useRunHolder({ dagId, run });
  const path = { dag_id: dagId, dag_run_id: run, task_id: task };
  const params = { path, query: { map_index: map } };
  async function turn(): Promise<void> {
    if (ofRun)
      await client.POST("/dags/{dag_id}/dagRuns/{dag_run_id}/release", { params: { path } });
    else if (holder) await client.POST(`${ONE}/release`, { params });
    else await client.POST(`${ONE}/hold`, { params });
    await readAgain();
    const name = ofRun ? run : task;
    said(holder ? text.released(name) : text.held(name));
  }
  return (
    <Button
      data-key="h"
      aria-keyshortcuts="h"
      title={holder ? text.heldBy(holder) : text.holdHint}
      onClick={() => void turn().catch(regret)}
    >
      {ofRun ? text.releaseRun : holder ? text.release : text.hold}
    </Button>
  );
}
