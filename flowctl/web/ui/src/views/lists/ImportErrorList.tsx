/** The DAG files that could not be imported. */

import { client, type Schemas } from "@/api/client";
import { Folded, ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { words } from "./words";

const LOOK_EVERY_MS = 5_000;

export function ImportErrorList() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["DagFileError"]>
      title={nav.importErrors}
      queryKey={["import errors"]}
      empty={text.empty.importErrors}
      refetchMs={LOOK_EVERY_MS}
      keyOf={(error) => String(error.import_error_id)}
      read={async (query) => {
        const { data } = await client.GET("/importErrors", { params: { query } });
        return { rows: data?.import_errors ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.when, cell: (error) => <Moment at={error.timestamp} /> },
        { name: text.file, cell: (error) => <code>{error.filename}</code> },
        {
          name: text.trace,
          cell: (error) => (
            <Folded summary={error.stack_trace.trimEnd().split("\n").at(-1)}>
              {error.stack_trace}
            </Folded>
          ),
        },
      ]}
    />
  );
}
