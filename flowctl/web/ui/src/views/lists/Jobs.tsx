/** The processes of flowctl. */

import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { words } from "./words";

const LOOK_EVERY_MS = 5_000;
const MIB = 2 ** 20;

export function Jobs() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["Job"]>
      title={nav.jobs}
      queryKey={["jobs"]}
      empty={text.empty.jobs}
      refetchMs={LOOK_EVERY_MS}
      keyOf={(job) => String(job.id)}
      read={async (query) => {
        const { data } = await client.GET("/jobs", { params: { query } });
        return { rows: data?.jobs ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.kind, cell: (job) => job.kind },
        { name: text.state, cell: (job) => text.jobStates[job.state] ?? job.state },
        { name: text.role, cell: (job) => (job.role ? text.jobRoles[job.role] : "") },
        { name: text.host, cell: (job) => `${job.host} · ${job.pid}` },
        { name: text.start, cell: (job) => <Moment at={job.started_at} /> },
        { name: text.seen, cell: (job) => <Moment at={job.seen_at} /> },
        {
          name: text.memory,
          cell: (job) => job.memory_bytes && `${Math.round(job.memory_bytes / MIB)} MiB`,
          isNumber: true,
        },
      ]}
    />
  );
}
