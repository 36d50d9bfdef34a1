/** What roles allow. */

import { client, type Schemas } from "@/api/client";
import { Folded, ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { words } from "./words";

export function Roles() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["Role"]>
      title={nav.roles}
      queryKey={["roles"]}
      empty={text.empty.roles}
      keyOf={(role) => role.name}
      read={async (query) => {
        const { data } = await client.GET("/roles", { params: { query } });
        return { rows: data?.roles ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.name, cell: (role) => role.name },
        {
          name: text.permissions,
          cell: (role) => (
            <Folded summary={role.actions?.length ?? 0}>
              {role.actions
                ?.map(({ action, resource }) => `${action.name} on ${resource.name}`)
                .join("\n")}
            </Folded>
          ),
        },
      ]}
    />
  );
}
