/** The roles, and what each allows. */

import { client } from "@/api/client";
import { useText, useWords } from "@/text/text";
import { Records } from "../Records";
import { counts, type Role } from "./matrix";
import { RoleForm } from "./RoleForm";
import { words } from "./words";

const BUILT_IN = ["Admin", "Op", "User", "Viewer", "Public"];

export function Roles() {
  const text = useWords(words);
  return (
    <Records<Role>
      title={useText().nav.roles}
      path="/roles"
      resource="Roles"
      text={text}
      nameOf={(role) => role.name}
      form={RoleForm}
      read={async (query) => {
        const { data } = await client.GET("/roles", { params: { query } });
        return { rows: data?.roles ?? [], total: data?.total_entries ?? 0 };
      }}
      remove={(name) =>
        client.DELETE("/roles/{role_name}", { params: { path: { role_name: name } } })
      }
      stays={(role) => (BUILT_IN.includes(role.name) ? text.builtIn : undefined)}
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
    />
  );
}
