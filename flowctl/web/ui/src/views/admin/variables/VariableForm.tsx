/** The form of one variable: a text, or JSON that is checked before it is sent. */

import { useState } from "react";
import { api, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Field } from "@/parts/Field";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import css from "../admin.module.css";
import { isJson, isStructure, MASK } from "./files";
import type { FormProps } from "../Records";
import { words } from "./words";

export function VariableForm(props: FormProps) {
  const { name = "" } = props;
  const stored = api.useQuery(
    "get",
    "/variables/{variable_key}",
    { params: { path: { variable_key: name } } },
    { enabled: Boolean(name), gcTime: 0, staleTime: Infinity },
  );
  if (stored.isError) return <Failure error={stored.error} />;
  if (name && !stored.data) return null;
  return <Loaded {...props} stored={stored.data} />;
}

function Loaded({
  name,
  stored,
  onClose,
  onSaved,
}: FormProps & { stored?: Schemas["Variable"] | undefined }) {
  const text = useWords(words);
  const isSecret = stored?.value === MASK;
  const [key, setKey] = useState(name ?? "");
  const [value, setValue] = useState(isSecret ? "" : (stored?.value ?? ""));
  const [description, setDescription] = useState(stored?.description ?? "");
  const [kind, setKind] = useState(isStructure(value) ? "json" : "text");
  const isBad = kind === "json" && !isJson(value) && !(isSecret && value === "");
  async function save(): Promise<void> {
    const about = { description: description || null };
    if (name === undefined) {
      await client.POST("/variables", { body: { key, value, ...about } });
    } else {
      await client.PATCH("/variables/{variable_key}", {
        params: { path: { variable_key: name } },
        body: { ...about, ...(isSecret && value === "" ? {} : { value }) },
      });
    }
    await onSaved(key);
  }
  return (
    <ActDialog
      title={name === undefined ? text.addTitle : text.editTitle(name)}
      isDisabled={isBad}
      onClose={onClose}
      act={save}
    >
      <Field name={text.key}>
        <input
          required
          maxLength={250}
          readOnly={name !== undefined}
          value={key}
          onChange={(event) => setKey(event.target.value)}
        />
      </Field>
      <Field name={text.form}>
        <select value={kind} onChange={(event) => setKind(event.target.value)}>
          <option value="text">{text.text}</option>
          <option value="json">{text.json}</option>
        </select>
      </Field>
      <Field name={text.value} hint={isBad ? text.notJson : isSecret ? text.secretHint : ""}>
        <textarea
          rows={8}
          spellCheck={false}
          aria-invalid={isBad}
          className={kind === "json" ? css.code : undefined}
          placeholder={isSecret ? MASK : undefined}
          value={value}
          onChange={(event) => setValue(event.target.value)}
        />
      </Field>
      {kind === "json" && (
        <Button
          className={css.start}
          disabled={!isStructure(value)}
          onClick={() => setValue(JSON.stringify(JSON.parse(value), null, 2))}
        >
          {text.arrange}
        </Button>
      )}
      <Field name={text.description}>
        <input value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
    </ActDialog>
  );
}
