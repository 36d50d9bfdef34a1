/** The form of one pool. */

import { useState } from "react";
import { api, client } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Check, Field } from "@/parts/Field";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import type { Pool } from "./slots";
import type { FormProps } from "../Records";
import { words } from "./words";

export function PoolForm(props: FormProps) {
  const { name = "" } = props;
  const stored = api.useQuery(
    "get",
    "/pools/{pool_name}",
    { params: { path: { pool_name: name } } },
    { enabled: Boolean(name), gcTime: 0, staleTime: Infinity },
  );
  if (stored.isError) return <Failure error={stored.error} />;
  if (name && !stored.data) return null;
  return <Loaded {...props} stored={stored.data} />;
}

function Loaded({ name, stored, onClose, onSaved }: FormProps & { stored?: Pool | undefined }) {
  const text = useWords(words);
  const [called, setCalled] = useState(name ?? "");
  const [slots, setSlots] = useState(String(stored?.slots ?? 16));
  const [description, setDescription] = useState(stored?.description ?? "");
  const [includeDeferred, setDeferred] = useState(stored?.include_deferred ?? false);
  async function save(): Promise<void> {
    const isDefault = name === "default_pool";
    const body = {
      name: called,
      slots: Number(slots),
      include_deferred: includeDeferred,
      ...(isDefault ? {} : { description: description || null }),
    };
    if (name === undefined) await client.POST("/pools", { body });
    else await client.PATCH("/pools/{pool_name}", { params: { path: { pool_name: name } }, body });
    await onSaved(called);
  }
  return (
    <ActDialog
      title={name === undefined ? text.addTitle : text.editTitle(name)}
      onClose={onClose}
      act={save}
    >
      <Field name={text.name}>
        <input
          required
          maxLength={250}
          readOnly={name === "default_pool"}
          value={called}
          onChange={(event) => setCalled(event.target.value)}
        />
      </Field>
      <Field name={text.slots} hint={text.slotsHint}>
        <input
          type="number"
          required
          min={-1}
          step={1}
          value={slots}
          onChange={(event) => setSlots(event.target.value)}
        />
      </Field>
      {name !== "default_pool" && (
        <Field name={text.description}>
          <input value={description} onChange={(event) => setDescription(event.target.value)} />
        </Field>
      )}
      <Check name={text.deferred} isOn={includeDeferred} onChange={setDeferred} />
    </ActDialog>
  );
}
