/** Where one is logged in; each session but this one can be ended. */

import { useState } from "react";
import { api, cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { DataTable } from "@/parts/DataTable";
import { Failure } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import css from "@/views/admin/admin.module.css";
import { words } from "./words";

type Session = Schemas["SessionShown"];

export function Sessions() {
  const text = useWords(words);
  const found = api.useQuery("get", "/me/sessions");
  const [ending, setEnding] = useState<Session | undefined>();
  return (
    <section className={css.section} aria-labelledby="account-sessions">
      <h2 id="account-sessions">{text.sessions}</h2>
      {found.isError && <Failure error={found.error} />}
      {found.data && (
        <DataTable<Session>
          label={text.sessions}
          rows={found.data.sessions}
          keyOf={(session) => session.id}
          columns={[
            { name: text.since, cell: (session) => <Moment at={session.created_at} /> },
            { name: text.seen, cell: (session) => <Moment at={session.seen_at} /> },
          ]}
          actions={(session) =>
            session.is_this ? (
              <span className={css.chip}>{text.thisOne}</span>
            ) : (
              <Button onClick={() => setEnding(session)}>{text.end}</Button>
            )
          }
        />
      )}
      {ending && (
        <ActDialog
          title={text.endTitle}
          doIt={text.end}
          look="danger"
          onClose={() => setEnding(undefined)}
          act={async () => {
            await client.DELETE("/me/sessions/{session_id}", {
              params: { path: { session_id: ending.id } },
            });
            await cache.invalidateQueries({ queryKey: ["get", "/me/sessions"] });
            said(text.ended);
          }}
        >
          <p>{text.endHint}</p>
        </ActDialog>
      )}
    </section>
  );
}
