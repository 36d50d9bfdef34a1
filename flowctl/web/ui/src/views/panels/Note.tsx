/** A note of a run or task, which can be written. */

import { useState } from "react";
import { Button } from "@/parts/Button";
import { Field } from "@/parts/Field";
import { regret, said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import css from "./panels.module.css";
import { words } from "./words";

interface Props {
  note: string | null;
  write: (note: string | null) => Promise<unknown>;
  mayWrite: boolean;
}

export function Note({ note, write, mayWrite }: Props) {
  const text = useWords(words);
  const ask = useText().ask;
  const [draft, setDraft] = useState<string | undefined>();
  const value = draft ?? note ?? "";
  async function save(): Promise<void> {
    await write(value || null);
    setDraft(undefined);
    said(text.noted);
  }
  return (
    <div className={css.note}>
      <Field name={text.note}>
        <textarea
          rows={2}
          maxLength={1000}
          value={value}
          readOnly={!mayWrite}
          onChange={(event) => setDraft(event.target.value)}
        />
      </Field>
      {draft !== undefined && draft !== (note ?? "") && (
        <Button look="main" onClick={() => void save().catch(regret)}>
          {ask.save}
        </Button>
      )}
    </div>
  );
}
