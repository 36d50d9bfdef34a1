/** The connections: how tasks reach other systems. Passwords are written, never shown. */

import { client, type Schemas } from "@/api/client";
import { useText, useWords } from "@/text/text";
import { Records } from "../Records";
import { ConnectionForm } from "./ConnectionForm";
import { words } from "./words";

export function Connections() {
  const text = useWords(words);
  return (
    <Records<Schemas["ConnectionItem"]>
      title={useText().nav.connections}
      path="/connections"
      resource="Connections"
      text={text}
      nameOf={(one) => one.connection_id}
      form={ConnectionForm}
      read={async (query) => {
        const { data } = await client.GET("/connections", { params: { query } });
        return { rows: data?.connections ?? [], total: data?.total_entries ?? 0 };
      }}
      remove={(name) =>
        client.DELETE("/connections/{connection_id}", {
          params: { path: { connection_id: name } },
        })
      }
      columns={[
        { name: text.id, cell: (one) => <strong>{one.connection_id}</strong> },
        { name: text.type, cell: (one) => one.conn_type },
        {
          name: text.names.host ?? "",
          cell: (one) => [one.host, one.port].filter(Boolean).join(":"),
        },
        { name: text.names.login ?? "", cell: (one) => one.login },
        { name: text.names.description ?? "", cell: (one) => one.description },
      ]}
    />
  );
}
