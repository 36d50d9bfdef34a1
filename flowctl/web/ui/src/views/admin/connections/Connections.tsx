/** The connections: how tasks reach other systems. Passwords are written, never shown. */

import { useState } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { AddButton } from "../AddButton";
import { CLOSED, useAddress } from "../address";
import { RowActions } from "../RowActions";
import { ConnectionForm } from "./ConnectionForm";
import { words } from "./words";

type Item = Schemas["ConnectionItem"];

const RESOURCE = "Connections";
const KEY = "connections";

export function Connections() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const [{ search = "", edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<string | undefined>();
  return (
    <>
      <ListPage<Item>
        title={nav.connections}
        queryKey={[KEY, search]}
        empty={search ? text.noMatch : text.empty}
        keyOf={(one) => one.connection_id}
        read={async (page) => {
          const { data } = await client.GET("/connections", {
            params: { query: { ...page, ...(search ? { search } : {}) } },
          });
          return { rows: data?.connections ?? [], total: data?.total_entries ?? 0 };
        }}
        tools={
          <>
            <SearchField
              label={text.search}
              value={search}
              onChange={(value) => go({ search: value })}
            />
            <AddButton resource={RESOURCE} onClick={() => go({ add: true })} />
          </>
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
        actions={(one) => (
          <RowActions
            resource={RESOURCE}
            name={one.connection_id}
            onEdit={() => go({ edit: one.connection_id })}
            onDelete={() => setRemoving(one.connection_id)}
          />
        )}
      />
      {(add || edit !== undefined) && (
        <ConnectionForm
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (name) => {
            await cache.invalidateQueries({ queryKey: [KEY] });
            said(text.saved(name));
          }}
        />
      )}
      {removing !== undefined && (
        <ActDialog
          title={text.deleteTitle(removing)}
          doIt={ask.delete}
          look="danger"
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await client.DELETE("/connections/{connection_id}", {
              params: { path: { connection_id: removing } },
            });
            await cache.invalidateQueries({ queryKey: [KEY] });
            said(text.deleted(removing));
          }}
        >
          <p>{text.deleteHint}</p>
        </ActDialog>
      )}
    </>
  );
}
