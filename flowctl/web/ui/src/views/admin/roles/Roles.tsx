/** The roles, and what each allows. */

import { useState } from "react";
import { cache, client } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { ListPage } from "@/parts/ListPage";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { AddButton } from "../AddButton";
import { CLOSED, useAddress } from "../address";
import { RowActions } from "../RowActions";
import { counts, type Role } from "./matrix";
import { RoleForm } from "./RoleForm";
import { words } from "./words";

const RESOURCE = "Roles";
const KEY = "roles";
const BUILT_IN = ["Admin", "Op", "User", "Viewer", "Public"];

function reread(): Promise<void> {
  return cache.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === KEY || queryKey[1] === "/roles",
  });
}

export function Roles() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const [{ edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<string | undefined>();
  return (
    <>
      <ListPage<Role>
        title={nav.roles}
        queryKey={[KEY]}
        empty={text.empty}
        keyOf={(role) => role.name}
        read={async (query) => {
          const { data } = await client.GET("/roles", { params: { query } });
          return { rows: data?.roles ?? [], total: data?.total_entries ?? 0 };
        }}
        tools={<AddButton resource={RESOURCE} onClick={() => go({ add: true })} />}
        columns={[
          { name: text.name, cell: (role) => <strong>{role.name}</strong> },
          {
            name: text.allows,
            cell: (role) => {
              const { read, change } = counts(role);
              return text.counts(read, change);
            },
          },
        ]}
        actions={(role) => (
          <RowActions
            resource={RESOURCE}
            name={role.name}
            stays={BUILT_IN.includes(role.name) ? text.builtIn : undefined}
            onEdit={() => go({ edit: role.name })}
            onDelete={() => setRemoving(role.name)}
          />
        )}
      />
      {(add || edit !== undefined) && (
        <RoleForm
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (name) => {
            await reread();
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
            await client.DELETE("/roles/{role_name}", {
              params: { path: { role_name: removing } },
            });
            await reread();
            said(text.deleted(removing));
          }}
        >
          <p>{text.deleteHint}</p>
        </ActDialog>
      )}
    </>
  );
}
