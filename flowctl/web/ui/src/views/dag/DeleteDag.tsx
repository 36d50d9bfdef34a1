/** Asks before a DAG is deleted, and says what goes with it. */

import { useNavigate } from "@tanstack/react-router";
import { api, cache } from "@/api/client";
import { Button } from "@/parts/Button";
import { Dialog } from "@/parts/Dialog";
import { Failure } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { words } from "./words";

export function DeleteDag({ dagId, onClose }: { dagId: string; onClose: () => void }) {
  const text = useWords(words);
  const ask = useText().ask;
  const navigate = useNavigate();
  const path = { dag_id: dagId };
  const runs = api.useQuery("get", "/dags/{dag_id}/dagRuns", {
    params: { path, query: { limit: 1 } },
  });
  const count = (runs.data as { total_entries: number } | undefined)?.total_entries;
  const remove = api.useMutation("delete", "/dags/{dag_id}", {
    onSuccess: async () => {
      await navigate({ to: "/dags" });
      cache.removeQueries({
        predicate: ({ queryKey }) => JSON.stringify(queryKey).includes(dagId),
      });
      void cache.invalidateQueries({ queryKey: ["get", "/ui/dags"] });
      said(text.deleted(dagId, count ?? 0));
    },
  });
  return (
    <Dialog
      title={text.deleteTitle(dagId)}
      onClose={onClose}
      foot={
        <>
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button
            look="danger"
            disabled={count === undefined || remove.isPending}
            onClick={() => remove.mutate({ params: { path } })}
          >
            {ask.delete}
          </Button>
        </>
      }
    >
      {remove.isError && <Failure error={remove.error} />}
      {count !== undefined && <p>{text.deleteRuns(count)}</p>}
      <p>{text.deleteFile}</p>
    </Dialog>
  );
}
