/** Who may log in, and with which roles. */

import { LogOut } from "lucide-react";
import { useState } from "react";
import { cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { IconButton } from "@/parts/Button";
import { ListPage } from "@/parts/ListPage";
import { said } from "@/parts/toasts";
import { useMay, useMe } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { AddButton } from "../AddButton";
import { CLOSED, useAddress } from "../address";
import css from "../admin.module.css";
import { RowActions } from "../RowActions";
import { UserForm } from "./UserForm";
import { words } from "./words";

type User = Schemas["User"];

const RESOURCE = "Users";
const KEY = "users";

function reread(): Promise<void> {
  return cache.invalidateQueries({ queryKey: [KEY] });
}

export function Users() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const me = useMe().data?.username;
  const may = useMay();
  const [{ edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<string | undefined>();
  const [ending, setEnding] = useState<string | undefined>();
  return (
    <>
      <ListPage<User>
        title={nav.users}
        queryKey={[KEY]}
        empty={text.empty}
        keyOf={(user) => user.username}
        read={async (page) => {
          const query = { ...page, order_by: "username" };
          const { data } = await client.GET("/users", { params: { query } });
          return { rows: data?.users ?? [], total: data?.total_entries ?? 0 };
        }}
        tools={<AddButton resource={RESOURCE} onClick={() => go({ add: true })} />}
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
          { name: text.name, cell: (user) => `${user.first_name} ${user.last_name}` },
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
          <>
            <IconButton
              label={`${text.end}: ${user.username}`}
              disabled={!may("can_edit", RESOURCE)}
              onClick={() => setEnding(user.username)}
            >
              <LogOut size={15} />
            </IconButton>
            <RowActions
              resource={RESOURCE}
              name={user.username}
              stays={user.username === me ? text.isYou : undefined}
              onEdit={() => go({ edit: user.username })}
              onDelete={() => setRemoving(user.username)}
            />
          </>
        )}
      />
      {(add || edit !== undefined) && (
        <UserForm
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (name) => {
            await reread();
            said(text.saved(name));
          }}
        />
      )}
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
      {removing !== undefined && (
        <ActDialog
          title={text.deleteTitle(removing)}
          doIt={ask.delete}
          look="danger"
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await client.DELETE("/users/{username}", { params: { path: { username: removing } } });
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
