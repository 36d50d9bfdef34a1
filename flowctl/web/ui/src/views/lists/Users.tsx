/** Who may log in. */

import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { words } from "./words";

export function Users() {
  const text = useWords(words);
  const { nav } = useText();
  return (
    <ListPage<Schemas["User"]>
      title={nav.users}
      queryKey={["users"]}
      empty={text.empty.users}
      keyOf={(user) => user.username ?? ""}
      read={async (query) => {
        const { data } = await client.GET("/users", { params: { query } });
        return { rows: data?.users ?? [], total: data?.total_entries ?? 0 };
      }}
      columns={[
        { name: text.who, cell: (user) => user.username },
        { name: text.name, cell: (user) => `${user.first_name} ${user.last_name}` },
        { name: text.email, cell: (user) => user.email },
        { name: text.roles, cell: (user) => user.roles?.map((role) => role.name).join(", ") },
        { name: text.lastLogin, cell: (user) => <Moment at={user.last_login} /> },
      ]}
    />
  );
}
