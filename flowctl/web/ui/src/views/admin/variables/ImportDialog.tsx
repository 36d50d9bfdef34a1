/** Imports a file of variables, after it said what is new and what is there already. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Check, Field } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useWords } from "@/text/text";
import css from "../admin.module.css";
import { allKeys } from "./all";
import { read, type Variable } from "./files";
import { words } from "./words";

export function ImportDialog({
  onClose,
  onDone,
}: {
  onClose: () => void;
  onDone: () => Promise<void>;
}) {
  const text = useWords(words);
  const [found, setFound] = useState<Variable[] | null | undefined>();
  const [doesOverwrite, setOverwrite] = useState(false);
  const keys = useQuery({ queryKey: ["variables", "keys"], queryFn: allKeys, gcTime: 0 });
  const known = new Set(keys.data);
  const fresh = (found ?? []).filter((one) => !known.has(one.key));
  const wanted = doesOverwrite ? (found ?? []) : fresh;
  async function load(): Promise<void> {
    for (const one of wanted) await client.POST("/variables", { body: one });
    await onDone();
    said(text.imported(wanted.length));
  }
  return (
    <ActDialog
      title={text.importTitle}
      doIt={`${text.import} (${wanted.length})`}
      isDisabled={wanted.length === 0 || !keys.data}
      onClose={onClose}
      act={load}
    >
      {keys.isError && <Failure error={keys.error} />}
      <Field name={text.file} hint={text.fileHint}>
        <input
          type="file"
          accept=".json,application/json"
          onChange={(event) =>
            void event.target.files?.[0]?.text().then((words) => setFound(read(words)))
          }
        />
      </Field>
      {found === null && <Notice>{text.notFile}</Notice>}
      {found && keys.data && (
        <>
          <p role="status">{text.plan(fresh.length, found.length - fresh.length)}</p>
          {fresh.length < found.length && (
            <Check name={text.overwrite} isOn={doesOverwrite} onChange={setOverwrite} />
          )}
          <ul className={css.names} tabIndex={0} aria-label={text.importTitle}>
            {found.map((one) => (
              <li key={one.key} data-known={known.has(one.key) || undefined}>
                {one.key}
              </li>
            ))}
          </ul>
        </>
      )}
    </ActDialog>
  );
}
