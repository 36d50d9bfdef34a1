/** The account of who is logged in: password, tokens, sessions. */

import { useState } from "react";
import { cache, client, ME } from "@/api/client";
import { Button } from "@/parts/Button";
import { Field, Fields } from "@/parts/Field";
import { Failure } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useMay, useMe } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import css from "@/views/admin/admin.module.css";
import { Sessions } from "./Sessions";
import { Tokens } from "./Tokens";
import { words } from "./words";

export function Account() {
  const text = useWords(words);
  const me = useMe().data;
  if (!me) return null;
  return (
    <div className={css.sections}>
      <div className={css.section}>
        <h1>{text.title}</h1>
        <p>
          <strong>{me.username}</strong>{" "}
          {[`${me.first_name} ${me.last_name}`.trim(), me.email].filter(Boolean).join(" · ")}
        </p>
        <p className={css.chips} aria-label={text.roles}>
          {me.roles.map((role) => (
            <span key={role} className={css.chip}>
              {role}
            </span>
          ))}
        </p>
      </div>
      <Password />
      <Tokens />
      <Sessions />
    </div>
  );
}

const LENGTH_MIN = 8;
const NOTHING = { old: "", fresh: "", again: "" };

function Password() {
  const text = useWords(words);
  const { ask } = useText();
  const may = useMay()("can_edit", "My Password");
  const [typed, setTyped] = useState(NOTHING);
  const [error, setError] = useState<unknown>();
  const differ = typed.again !== "" && typed.fresh !== typed.again;
  async function change(): Promise<void> {
    try {
      await client.PUT("/me/password", { body: { old: typed.old, new: typed.fresh } });
    } catch (found) {
      setError(found);
      return;
    }
    said(text.changed);
    cache.setQueryData(ME, null);
  }
  const fields = [
    ["old", text.old, "current-password", undefined],
    ["fresh", text.fresh, "new-password", text.length],
    ["again", text.again, "new-password", differ ? text.differ : undefined],
  ] as const;
  return (
    <section className={css.section} aria-labelledby="account-password">
      <h2 id="account-password">{text.password}</h2>
      {!may && <p>{ask.notAllowed}</p>}
      {may && (
        <form
          className={css.section}
          onSubmit={(event) => {
            event.preventDefault();
            void change();
          }}
        >
          {error !== undefined && <Failure error={error} />}
          <Fields>
            {fields.map(([name, label, complete, hint]) => (
              <Field key={name} name={label} {...(hint ? { hint } : {})}>
                <input
                  type="password"
                  required
                  autoComplete={complete}
                  {...(name === "old" ? {} : { minLength: LENGTH_MIN })}
                  value={typed[name]}
                  onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                />
              </Field>
            ))}
          </Fields>
          <div className={css.inline}>
            <Button type="submit" disabled={differ || !typed.again}>
              {text.change}
            </Button>
            <small>{text.changeHint}</small>
          </div>
        </form>
      )}
    </section>
  );
}
