/** A page of records: their list, the form of one, and the question before one is deleted.
 *
 * Which form is open stands in the address; who may not change anything sees the buttons disabled.
 */

import { type ComponentType, type ReactNode, useState } from "react";
import { cache } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import type { Column } from "@/parts/DataTable";
import { type Found, ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { said } from "@/parts/toasts";
import { useMay } from "@/shell/session";
import { useText } from "@/text/text";
import { AddButton } from "./AddButton";
import { CLOSED, useAddress } from "./address";
import { RowActions } from "./RowActions";

interface Words {
  empty: string;
  saved: (name: string) => string;
  deleted: (name: string) => string;
  deleteTitle: (name: string) => string;
  deleteHint: string;
  /** What the field says that searches, and a search without a match; only of what is searched. */
  search?: string;
  noMatch?: string;
}

export interface FormProps {
  /** Which record; undefined: a new one. */
  name: string | undefined;
  onClose: () => void;
  onSaved: (name: string) => Promise<void>;
}

interface Props<R> {
  title: string;
  /** Where the API has them, such as "/pools". */
  path: string;
  /** What one needs permissions for. */
  resource: string;
  text: Words;
  nameOf: (record: R) => string;
  read: (query: { limit: number; offset: number; search?: string }) => Promise<Found<R>>;
  columns: Column<R>[];
  form: ComponentType<FormProps>;
  remove: (name: string) => Promise<unknown>;
  /** Why one cannot be deleted, whoever asks. */
  stays?: (record: R) => string | undefined;
  /** What the question before a deletion says of this one. */
  warning?: (record: R) => ReactNode;
  actions?: (record: R) => ReactNode;
  tools?: ReactNode;
  refetchMs?: number;
}

/** Read anew whatever was read from an address of the API, or below it. */
export function reread(path: string): Promise<void> {
  return cache.invalidateQueries({
    predicate: ({ queryKey }) => `${String(queryKey[1])}/`.startsWith(`${path}/`),
  });
}

export function Records<R>(props: Props<R>) {
  const { title, path, resource, text, nameOf, read, columns, form: Form, refetchMs } = props;
  const { ask } = useText();
  const may = useMay();
  const [{ search = "", edit, add }, go] = useAddress();
  const [removing, setRemoving] = useState<R | undefined>();
  const name = removing && nameOf(removing);
  return (
    <>
      <ListPage<R>
        title={title}
        queryKey={["list", path, search]}
        empty={(search && text.noMatch) || text.empty}
        keyOf={nameOf}
        read={(page) => read(search ? { ...page, search } : page)}
        {...(refetchMs ? { refetchMs } : {})}
        tools={
          <>
            {text.search && (
              <SearchField
                label={text.search}
                value={search}
                onChange={(value) => go({ search: value })}
              />
            )}
            {props.tools}
            <AddButton resource={resource} onClick={() => go({ add: true })} />
          </>
        }
        columns={columns}
        actions={(record) => (
          <>
            {props.actions?.(record)}
            <RowActions
              resource={resource}
              name={nameOf(record)}
              stays={props.stays?.(record)}
              onEdit={() => go({ edit: nameOf(record) })}
              onDelete={() => setRemoving(record)}
            />
          </>
        )}
      />
      {((add && may("can_create", resource)) ||
        (edit !== undefined && may("can_edit", resource))) && (
        <Form
          key={edit ?? "+"}
          name={edit}
          onClose={() => go(CLOSED)}
          onSaved={async (saved) => {
            await reread(path);
            said(text.saved(saved));
          }}
        />
      )}
      {name !== undefined && (
        <ActDialog
          title={text.deleteTitle(name)}
          doIt={ask.delete}
          look="danger"
          onClose={() => setRemoving(undefined)}
          act={async () => {
            await props.remove(name);
            await reread(path);
            said(text.deleted(name));
          }}
        >
          <p>{text.deleteHint}</p>
          {removing && props.warning?.(removing)}
        </ActDialog>
      )}
    </>
  );
}
