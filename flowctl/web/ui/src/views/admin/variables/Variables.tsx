/** The variables: values that DAGs read. Those whose name says that they are secret are masked. */

import { useState } from "react";
import { api, client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { regret, said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import css from "../admin.module.css";
import { Records, reread } from "../Records";
import { allValues } from "./all";
import { isStructure, MASK, write } from "./files";
import { ImportDialog } from "./ImportDialog";
import { VariableForm } from "./VariableForm";
import { words } from "./words";

const PATH = "/variables";

export function Variables() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const mayAdd = useMay()("can_create", "Variables");
  const [isImporting, setImporting] = useState(false);
  async function saveAll(): Promise<void> {
    const all = await allValues();
    const left = all.filter((one) => one.value === MASK).length;
    download("variables.json", write(all));
    said(text.exported(all.length - left, left));
  }
  return (
    <>
      <Records<Schemas["VariableItem"]>
        title={nav.variables}
        path={PATH}
        resource="Variables"
        text={text}
        nameOf={(one) => one.key}
        form={VariableForm}
        read={async (query) => {
          const { data } = await client.GET("/variables", { params: { query } });
          return { rows: data?.variables ?? [], total: data?.total_entries ?? 0 };
        }}
        remove={(name) =>
          client.DELETE("/variables/{variable_key}", { params: { path: { variable_key: name } } })
        }
        columns={[
          { name: text.key, cell: (one) => <strong>{one.key}</strong> },
          { name: text.description, cell: (one) => one.description },
          { name: text.value, cell: (one) => <Value name={one.key} /> },
        ]}
        tools={
          <>
            <Button onClick={() => void saveAll().catch(regret)}>{text.export}</Button>
            <Button
              disabled={!mayAdd}
              title={mayAdd ? undefined : ask.notAllowed}
              onClick={() => setImporting(true)}
            >
              {text.import}
            </Button>
          </>
        }
      />
      {isImporting && (
        <ImportDialog onClose={() => setImporting(false)} onDone={() => reread(PATH)} />
      )}
    </>
  );
}

/** The value, once it is asked for: lists have none. */
function Value({ name }: { name: string }) {
  const text = useWords(words);
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={css.fold} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`${text.show} ${name}`}>{text.show}</summary>
      {isOpen && <Shown name={name} />}
    </details>
  );
}

function Shown({ name }: { name: string }) {
  const found = api.useQuery("get", "/variables/{variable_key}", {
    params: { path: { variable_key: name } },
  });
  if (found.isError) return <Failure error={found.error} />;
  if (!found.data) return null;
  const { value } = found.data;
  return <pre>{isStructure(value) ? JSON.stringify(JSON.parse(value), null, 2) : value}</pre>;
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
