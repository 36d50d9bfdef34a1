import { useState } from "react";
import { cache, ENDED } from "@/api/client";
import { Button } from "@/parts/Button";
import { Field } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { logIn } from "@/shell/session";
import { useText } from "@/text/text";
import css from "./login.module.css";

export function Login() {
  const text = useText();
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const hasEnded = Boolean(cache.getQueryData(ENDED));

  async function enter(form: FormData): Promise<void> {
    setBusy(true);
    try {
      await logIn(String(form.get("username")), String(form.get("password")));
    } catch (found) {
      setError(found);
      setBusy(false);
    }
  }

  return (
    <main className={css.page}>
      <form
        className={css.sheet}
        onSubmit={(event) => {
          event.preventDefault();
          void enter(new FormData(event.currentTarget));
        }}
      >
        <h1>{text.appName}</h1>
        {error === null && hasEnded && <Notice kind="warning">{text.login.ended}</Notice>}
        {error !== null && <Failure error={error} />}
        <Field name={text.login.username}>
          <input name="username" autoComplete="username" autoCapitalize="none" required />
        </Field>
        <Field name={text.login.password}>
          <input name="password" type="password" autoComplete="current-password" required />
        </Field>
        <Button type="submit" look="main" disabled={isBusy}>
          {text.login.enter}
        </Button>
        <p className={css.hint}>{text.login.hint}</p>
      </form>
    </main>
  );
}
