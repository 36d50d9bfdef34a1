/** The form of one connection, as its type wants it; it can be tested before it is saved. */

import { useState } from "react";
import { api, cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Check, Field, Fields } from "@/parts/Field";
import { Failure, Notice } from "@/parts/Notice";
import { regret } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { type Body, bodyOf, type Draft, draftOf, type Form, isSound, retyped } from "./form";
import { STANDARD, type Standard, type Stored } from "./form";
import type { FormProps } from "../Records";
import css from "../admin.module.css";
import { words } from "./words";

export function ConnectionForm(props: FormProps) {
  const { name = "" } = props;
  const forms = api.useQuery("get", "/connectionForms", {}, { staleTime: Infinity });
  const stored = api.useQuery(
    "get",
    "/connections/{connection_id}",
    { params: { path: { connection_id: name } } },
    { enabled: Boolean(name), gcTime: 0, staleTime: Infinity },
  );
  const error = forms.error ?? stored.error;
  if (error) return <Failure error={error} />;
  if (!forms.data || (name && !stored.data)) return null;
  return <Loaded {...props} stored={stored.data} forms={forms.data} />;
}

type Loaded = FormProps & { stored: Stored | undefined; forms: Schemas["ConnectionForms"] };

function Loaded({ name, stored, forms: { forms, can_test }, onClose, onSaved }: Loaded) {
  const text = useWords(words);
  const formOf = (type: string) => forms.find((one) => one.conn_type === type);
  const [draft, setDraft] = useState(() =>
    draftOf(stored, stored ? formOf(stored.conn_type) : forms[0]),
  );
  const form = formOf(draft.conn_type);
  const body = () => bodyOf(draft, form, stored);
  return (
    <ActDialog
      title={name === undefined ? text.addTitle : text.editTitle(name)}
      isWide
      isDisabled={!isSound(draft, stored)}
      onClose={onClose}
      act={async () => {
        await save(body(), name);
        await onSaved(draft.connection_id);
      }}
      more={<Test body={body} isOn={can_test} />}
    >
      <Fields>
        <Field name={text.id}>
          <input
            required
            maxLength={250}
            readOnly={name !== undefined}
            value={draft.connection_id}
            onChange={(event) => setDraft({ ...draft, connection_id: event.target.value })}
          />
        </Field>
        <Field name={text.type} hint={text.typeHint}>
          <input
            required
            list="connection-types"
            value={draft.conn_type}
            onChange={({ target: { value } }) =>
              setDraft(retyped({ ...draft, conn_type: value }, formOf(value), stored === undefined))
            }
          />
        </Field>
        <datalist id="connection-types">
          {forms.map((one) => (
            <option key={one.conn_type} value={one.conn_type}>
              {one.label}
            </option>
          ))}
        </datalist>
      </Fields>
      {form?.trouble && <Notice kind="warning">{form.trouble}</Notice>}
      <Fields>
        {STANDARD.filter((one) => !form?.hidden.includes(one)).map((one) => (
          <StandardField
            key={one}
            which={one}
            form={form}
            isStored={stored !== undefined}
            value={draft.standard[one]}
            onChange={(value) =>
              setDraft({ ...draft, standard: { ...draft.standard, [one]: value } })
            }
          />
        ))}
      </Fields>
      <OwnFields draft={draft} form={form} onChange={setDraft} />
      {!form?.hidden.includes("extra") && (
        <Field
          name={form?.labels.extra ?? text.names.extra ?? ""}
          hint={
            !isSound(draft, stored) ? text.notJson : draft.extra.includes("***") ? text.masked : ""
          }
        >
          <textarea
            rows={5}
            spellCheck={false}
            placeholder={form?.placeholders.extra}
            value={draft.extra}
            aria-invalid={!isSound(draft, stored)}
            onChange={(event) => setDraft({ ...draft, extra: event.target.value })}
          />
        </Field>
      )}
    </ActDialog>
  );
}

async function save(body: Body, name: string | undefined): Promise<void> {
  if (name === undefined) {
    await client.POST("/connections", { body });
    return;
  }
  const path = { connection_id: name };
  await client.PATCH("/connections/{connection_id}", { params: { path }, body });
  cache.removeQueries({ queryKey: ["get", "/connections/{connection_id}"] });
}

interface StandardProps {
  which: Standard;
  form: Form | undefined;
  isStored: boolean;
  value: string;
  onChange: (value: string) => void;
}

function StandardField({ which, form, isStored, value, onChange }: StandardProps) {
  const text = useWords(words);
  const isSecret = which === "password";
  const kept = isSecret && isStored;
  return (
    <Field
      name={form?.labels[which] ?? text.names[which] ?? which}
      {...(kept ? { hint: text.keptHint } : {})}
    >
      <input
        type={isSecret ? "password" : which === "port" ? "number" : "text"}
        autoComplete={isSecret ? "new-password" : "off"}
        {...(which === "port" ? { min: 0, max: 65535 } : {})}
        placeholder={kept ? text.kept : form?.placeholders[which]}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}

interface OwnProps {
  draft: Draft;
  form: Form | undefined;
  onChange: (draft: Draft) => void;
}

/** The fields that only this type has. */
function OwnFields({ draft, form, onChange }: OwnProps) {
  const set = (name: string, value: string | boolean) =>
    onChange({ ...draft, fields: { ...draft.fields, [name]: value } });
  if (!form?.fields.length) return null;
  return (
    <Fields>
      {form.fields.map((field) =>
        field.kind === "boolean" ? (
          <Check
            key={field.name}
            name={field.label}
            isOn={draft.fields[field.name] === true}
            onChange={(isOn) => set(field.name, isOn)}
          />
        ) : (
          <Field
            key={field.name}
            name={field.label}
            {...(field.description ? { hint: field.description } : {})}
          >
            <input
              type={
                field.is_secret
                  ? "password"
                  : ["integer", "number"].includes(field.kind)
                    ? "number"
                    : "text"
              }
              autoComplete={field.is_secret ? "new-password" : "off"}
              placeholder={form.placeholders[field.name]}
              value={String(draft.fields[field.name] ?? "")}
              onChange={(event) => set(field.name, event.target.value)}
            />
          </Field>
        ),
      )}
    </Fields>
  );
}

function Test({ body, isOn }: { body: () => Body; isOn: boolean }) {
  const text = useWords(words);
  const { ask } = useText();
  const may = useMay()("can_create", "Connections");
  const test = api.useMutation("post", "/connections/test", { onError: regret });
  const found = test.data;
  const why = !isOn ? text.testOff : may ? undefined : ask.notAllowed;
  return (
    <>
      <span role="status" className={css.verdict}>
        {test.isPending && text.testing}
        {found && !test.isPending && (
          <>
            <strong>{found.status ? text.works : text.worksNot}</strong> {found.message}
          </>
        )}
        {!isOn && <small>{text.testOff}</small>}
      </span>
      <Button
        disabled={Boolean(why) || test.isPending}
        title={why}
        onClick={() => test.mutate({ body: body() })}
      >
        {text.test}
      </Button>
    </>
  );
}
