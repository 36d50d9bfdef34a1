/** The form of one user; what takes something away says that it logs him out. */

import { useState } from "react";
import { api, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Check, Field, Fields } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { useMe } from "@/shell/session";
import { useWords } from "@/text/text";
import css from "../admin.module.css";
import type { FormProps } from "../Records";
import { words } from "./words";

type User = Schemas["User"];
const PASSWORD_MIN = 8;
const ROLES_MAX = 100; // that a page has

export function UserForm(props: FormProps) {
  const { name = "" } = props;
  const roles = api.useQuery("get", "/roles", { params: { query: { limit: ROLES_MAX } } });
  const stored = api.useQuery(
    "get",
    "/users/{username}",
    { params: { path: { username: name } } },
    { enabled: Boolean(name), gcTime: 0, staleTime: Infinity },
  );
  const error = stored.error ?? roles.error;
  if (error) return <Failure error={error} />;
  if (!roles.data || (name && !stored.data)) return null;
  const names = roles.data.roles.map((role) => role.name);
  return <Loaded {...props} stored={stored.data} choices={names} />;
}

type Loaded = FormProps & { stored: User | undefined; choices: string[] };

function Loaded({ name, stored, choices, onClose, onSaved }: Loaded) {
  const text = useWords(words);
  const isMe = useMe().data?.username === name;
  const [user, setUser] = useState({
    username: stored?.username ?? "",
    first_name: stored?.first_name ?? "",
    last_name: stored?.last_name ?? "",
    email: stored?.email ?? "",
    active: stored?.active ?? true,
  });
  const [roles, setRoles] = useState(new Set(stored?.roles.map((role) => role.name)));
  const [password, setPassword] = useState("");
  const loses =
    stored && ((stored.active && !user.active) || stored.roles.some((one) => !roles.has(one.name)));
  async function save(): Promise<void> {
    const { active, ...named } = user;
    const body = {
      ...named,
      roles: [...roles].map((one) => ({ name: one })),
      ...(isMe ? {} : { active }),
    };
    if (name === undefined) await client.POST("/users", { body: { ...body, password } });
    else
      await client.PATCH("/users/{username}", {
        params: { path: { username: name } },
        body: { ...body, ...(password ? { password } : {}) },
      });
    await onSaved(user.username);
  }
  const texts = [
    ["username", text.username, "text"],
    ["email", text.email, "email"],
    ["first_name", text.firstName, "text"],
    ["last_name", text.lastName, "text"],
  ] as const;
  return (
    <ActDialog
      title={name === undefined ? text.addTitle : text.editTitle(name)}
      onClose={onClose}
      act={save}
    >
      <Fields>
        {texts.map(([field, label, type]) => (
          <Field key={field} name={label}>
            <input
              type={type}
              required={field === "username" || field === "email"}
              autoComplete="off"
              value={user[field]}
              onChange={(event) => setUser({ ...user, [field]: event.target.value })}
            />
          </Field>
        ))}
      </Fields>
      <Field
        name={text.password}
        hint={name === undefined ? text.passwordLength : text.passwordHint}
      >
        <input
          type="password"
          required={name === undefined}
          minLength={PASSWORD_MIN}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      <fieldset>
        <legend className={css.legendName}>{text.roles}</legend>
        <div className={css.choices}>
          {choices.map((role) => (
            <Check
              key={role}
              name={role}
              isOn={roles.has(role)}
              onChange={(isOn) => {
                const next = new Set(roles);
                if (isOn) next.add(role);
                else next.delete(role);
                setRoles(next);
              }}
            />
          ))}
        </div>
      </fieldset>
      {name !== undefined && (
        <Check
          name={isMe ? `${text.active} (${text.isYou})` : text.active}
          isOn={user.active}
          isDisabled={isMe}
          onChange={(active) => setUser({ ...user, active })}
        />
      )}
      {loses && <Notice kind="warning">{text.loses(stored.username)}</Notice>}
    </ActDialog>
  );
}
