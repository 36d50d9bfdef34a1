/** The variables: values that DAGs read. Those whose name says that they are secret are masked. */

import { useState } from "react";
import { api, cache, client, type Schemas } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { regret, said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText, useWords } from "@/text/text";
import { AddButton } from "../AddButton";
import { CLOSED, useAddress } from "../address";
import { RowActions } from "../RowActions";
import { allValues } from "./all";
import { isStructure, MASK, write } from "./files";
import { ImportDialog } from "./ImportDialog";
import { VariableForm } from "./VariableForm";
import css from "../admin.module.css";
import { words } from "./words";

type Item = Schemas["VariableItem"];

const RESOURCE = "Variables";
const KEY = "variables";

function reread(): Promise<void> {
  return cache.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === KEY || queryKey[1] === "/variables/{variable_key}",
  });
}

export function Variables() {
  const text = useWords(words);
  const { nav, ask } = useText();
  const may = useMay();
  const [{ search = "", edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<string | undefined>();
  const [isImporting, setImporting] = useState(false);
  async function saveAll(): Promise<void> {
    const all = await allValues();
    const left = all.filter((one) => one.value === MASK).length;
    download("variables.json", write(all));
    said(text.exported(all.length - left, left));
  }
  return (
    <>
      <ListPage<Item>
        title={nav.variables}
        queryKey={[KEY, search]}
        empty={search ? text.noMatch : text.empty}
        keyOf={(one) => one.key}
        read={async (page) => {
          const { data } = await client.GET("/variables", {
            params: { query: { ...page, ...(search ? { search } : {}) } },
          });
          return { rows: data?.variables ?? [], total: data?.total_entries ?? 0 };
        }}
        tools={
          <>
            <SearchField
              label={text.search}
              value={search}
              onChange={(value) => go({ search: value })}
            />
            <Button onClick={() => void saveAll().catch(regret)}>{text.export}</Button>
            <Button
              disabled={!may("can_create", RESOURCE)}
              title={may("can_create", RESOURCE) ? undefined : ask.notAllowed}
              onClick={() => setImporting(true)}
            >
              {text.import}
            </Button>
            <AddButton resource={RESOURCE} onClick={() => go({ add: true })} />
          </>
        }
        columns={[
          { name: text.key, cell: (one) => <strong>{one.key}</strong> },
          { name: text.description, cell: (one) => one.description },
          { name: text.value, cell: (one) => <Value name={one.key} /> },
        ]}
        actions={(one) => (
          <RowActions
            resource={RESOURCE}
            name={one.key}
            onEdit={() => go({ edit: one.key })}
            onDelete={() => setRemoving(one.key)}
          />
        )}
      />
      {(add || edit !== undefined) && (
        <VariableForm
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (name) => {
            await reread();
            said(text.saved(name));
          }}
        />
      )}
      {isImporting && <ImportDialog onClose={() => setImporting(false)} onDone={reread} />}
      {removing !== undefined && (
        <ActDialog
          title={text.deleteTitle(removing)}
          doIt={ask.delete}
          look="danger"
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await client.DELETE("/variables/{variable_key}", {
              params: { path: { variable_key: removing } },
            });
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
