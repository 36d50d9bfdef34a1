/** The backfills of a DAG: make one, watch it, pause and end it. */

import { keepPreviousData } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { api } from "@/api/client";
import { Button } from "@/parts/Button";
import { Empty, Failure } from "@/parts/Notice";
import { useMay, useMayDag } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { numberIn, useKept } from "@/views/dag/kept";
import { useDagId, useHasNoSchedule } from "@/views/dag/useDag";
import { BackfillCard } from "./BackfillCard";
import css from "./backfills.module.css";
import { words } from "./words";

const NewBackfill = lazy(async () => ({
  default: (await import("./NewBackfill")).NewBackfill,
}));

const PAGE = 20;
const LOOK_MS = 2_000;

const keptIn = (search: Record<string, unknown>) => ({ backfill: numberIn(search.backfill) });

export function Backfills() {
  const dagId = useDagId();
  const text = useWords(words);
  const { ask } = useText();
  const may = useMay();
  const mayDag = useMayDag(dagId);
  const [{ backfill }, keep] = useKept<{ backfill?: number | undefined }>(keptIn);
  const hasNoDates = useHasNoSchedule(dagId);
  const [isMaking, setMaking] = useState(false);
  const [offset, setOffset] = useState(0);
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/backfills",
    { params: { path: { dag_id: dagId }, query: { limit: PAGE, offset } } },
    {
      placeholderData: keepPreviousData,
      refetchInterval: ({ state }) =>
        state.data?.backfills.some((one) => !one.outcome) ? LOOK_MS : false,
    },
  );
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  const { backfills, total_entries } = found.data;
  const mayMake = mayDag("can_edit") && may("can_create", "DAG Runs") && !hasNoDates;
  const make = mayMake && <Button onClick={() => setMaking(true)}>{text.create}</Button>;
  return (
    <div className={css.page}>
      {backfills.length === 0 ? (
        <Empty title={text.none}>
          <p className={css.hint}>{hasNoDates ? text.noSchedule : text.noneHint}</p>
          {make}
        </Empty>
      ) : (
        <div className={css.tools}>{make}</div>
      )}
      <ul className={css.cards} aria-label={text.list}>
        {backfills.map((one) => (
          <BackfillCard
            key={one.id}
            backfill={one}
            isOpen={one.id === backfill}
            onOpen={(isOpen) => keep({ backfill: isOpen ? one.id : undefined })}
          />
        ))}
      </ul>
      {total_entries > PAGE && (
        <nav className={css.pages} aria-label={text.list}>
          <Button disabled={offset === 0} onClick={() => setOffset(offset - PAGE)}>
            {ask.before}
          </Button>
          {offset + 1}–{Math.min(offset + PAGE, total_entries)} / {total_entries}
          <Button
            disabled={offset + PAGE >= total_entries}
            onClick={() => setOffset(offset + PAGE)}
          >
            {ask.after}
          </Button>
        </nav>
      )}
      {isMaking && (
        <Suspense>
          <NewBackfill
            dagId={dagId}
            onClose={() => setMaking(false)}
            onMade={(id) => {
              setOffset(0);
              keep({ backfill: id });
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
