/** What was changed, by whom. */

import { client, type Schemas } from "@/api/client";
import { Folded, ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { words } from "./words";

export function Audit() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["EventLog"]>
      title={nav.audit}
      queryKey={["audit"]}
      empty={text.empty.audit}
      keyOf={(event) => String(event.event_log_id)}
      read={async (page) => {
        const query = { ...page, order_by: "-event_log_id" };
        const { data } = await client.GET("/eventLogs", { params: { query } });
        return { rows: data?.event_logs ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.when, cell: (event) => <Moment at={event.when} /> },
        { name: text.who, cell: (event) => event.owner },
        { name: text.what, cell: (event) => event.event },
        {
          name: text.about,
          cell: (event) => [event.dag_id, event.run_id, event.task_id].filter(Boolean).join(" · "),
        },
        {
          name: text.details,
          cell: (event) =>
            event.extra && <Folded summary={event.extra.slice(0, 60)}>{event.extra}</Folded>,
        },
      ]}
    />
  );
}
