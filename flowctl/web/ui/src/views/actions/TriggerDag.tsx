/** Triggers a DAG from outside its page: reads first what its Params ask for. */

import { regret } from "@/parts/toasts";
import { useDag } from "@/views/dag/useDag";
import { useEffect } from "react";
import { TriggerDialog } from "./TriggerDialog";

export function TriggerDag({ dagId, onClose }: { dagId: string; onClose: () => void }) {
  const dag = useDag(dagId);
  useEffect(() => {
    if (!dag.isError) return;
    regret(dag.error);
    onClose();
  }, [dag.isError, dag.error, onClose]);
  return dag.data ? <TriggerDialog dag={dag.data} conf={undefined} onClose={onClose} /> : null;
}
