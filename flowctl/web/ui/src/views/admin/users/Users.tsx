/** Who may log in, and with which roles. */

import { LogOut } from "lucide-react";
import { useState } from "react";
import { client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { IconButton } from "@/parts/Button";
import { said } from "@/parts/toasts";
import { useMay, useMe } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import css from "../admin.module.css";
import { Records } from "../Records";
import { UserForm } from "./UserForm";
import { words } from "./words";

export function Users() {
  const text = useWords(words);
  const { nav } = useText();
  const me = useMe().data?.username;
  const mayEdit = useMay()("can_edit", "Users");
  const [ending, setEnding] = useState<string | undefined>();
  return (
    <>
      <Records<Schemas["User"]>
        title={nav.users}
        path="/users"
        resource="Users"
        text={text}
        nameOf={(user) => user.username}
        form={UserForm}
        read={async (page) => {
          const query = { ...page, order_by: "username" };
          const { data } = await client.GET("/users", { params: { query } });
          return { rows: data?.users ?? [], total: data?.total_entries ?? 0 };
        }}
        remove={(name) =>
          client.DELETE("/users/{username}", { params: { path: { username: name } } })
        }
        stays={(user) => (user.username === me ? text.isYou : undefined)}
        columns={[
          {
            name: text.username,
            cell: (user) => (
              <>
                <strong>{user.username}</strong>{" "}
                {!user.active && <span className={css.chip}>{text.inactive}</span>}
              </>
            ),
          },
          { name: text.name, cell: (user) => `${user.first_name} ${user.last_name}`.trim() },
          { name: text.email, cell: (user) => user.email },
          {
            name: text.roles,
            cell: (user) => (
              <span className={css.chips}>
                {user.roles.map(({ name }) => (
                  <span key={name} className={css.chip}>
                    {name}
                  </span>
                ))}
              </span>
            ),
          },
          { name: text.lastLogin, cell: (user) => <Moment at={user.last_login} /> },
        ]}
        actions={(user) => (
          <IconButton
            label={`${text.end}: ${user.username}`}
            disabled={!mayEdit}
            onClick={() => setEnding(user.username)}
          >
            <LogOut size={15} />
          </IconButton>
        )}
      />
      {ending !== undefined && (
        <ActDialog
          title={text.endTitle(ending)}
          doIt={text.endIt}
          look="danger"
          onClose={() => setEnding(undefined)}
          act={async () => {
            await client.DELETE("/users/{username}/sessions", {
              params: { path: { username: ending } },
            });
            said(text.ended(ending));
          }}
        >
          <p>{text.endHint}</p>
        </ActDialog>
      )}
    </>
  );
}
