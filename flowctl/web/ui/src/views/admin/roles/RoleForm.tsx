/** The form of one role: a table of what it allows on what. */

import { useState } from "react";
import { api, client } from "@/api/client";
import { ActDialog } from "@/parts/ActDialog";
import { Button } from "@/parts/Button";
import { Field } from "@/parts/Field";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import css from "../admin.module.css";
import { actionsOf, cell, cellsOf, OF_ONE_DAG, resourcesOf, type Role } from "./matrix";
import type { FormProps } from "../Records";
import { words } from "./words";

const ROLES_MAX = 100; // that a page has
const ACTIONS = ["can_read", "can_edit", "can_create", "can_delete", "menu_access"];
const OF_A_DAG = ["can_read", "can_edit", "can_delete"];

export function RoleForm(props: FormProps) {
  const found = api.useQuery(
    "get",
    "/roles",
    { params: { query: { limit: ROLES_MAX } } },
    { staleTime: Infinity, gcTime: 0 },
  );
  if (found.isError) return <Failure error={found.error} />;
  if (!found.data) return null;
  return <Loaded {...props} roles={found.data.roles} />;
}

function Loaded({ name, roles, onClose, onSaved }: FormProps & { roles: Role[] }) {
  const text = useWords(words);
  const stored = roles.find((role) => role.name === name);
  const isAdmin = name === "Admin";
  const admin = cellsOf(roles.find((role) => role.name === "Admin"));
  const [called, setCalled] = useState(name ?? "");
  const [cells, setCells] = useState(() => cellsOf(stored));
  const [more, setMore] = useState<string[]>([]);
  const [dag, setDag] = useState("");
  async function save(): Promise<void> {
    const body = { name: called, actions: actionsOf(cells) };
    if (name === undefined) await client.POST("/roles", { body });
    else await client.PATCH("/roles/{role_name}", { params: { path: { role_name: name } }, body });
    await onSaved(called);
  }
  function toggle(which: string, isOn: boolean): void {
    const next = new Set(cells);
    if (isOn) next.add(which);
    else next.delete(which);
    setCells(next);
  }
  const rows = [
    ...new Set([...resourcesOf(stored ? [stored] : []), ...resourcesOf(roles), ...more]),
  ];
  const shown = rows.filter(
    (one) =>
      !one.startsWith(OF_ONE_DAG) ||
      more.includes(one) ||
      stored?.actions.some((action) => action.resource.name === one),
  );
  return (
    <ActDialog
      title={name === undefined ? text.addTitle : text.editTitle(name)}
      isWide
      isDisabled={isAdmin}
      onClose={onClose}
      act={save}
    >
      {isAdmin && <p>{text.adminAll}</p>}
      <Field name={text.name}>
        <input
          required
          maxLength={64}
          readOnly={isAdmin}
          value={called}
          onChange={(event) => setCalled(event.target.value)}
        />
      </Field>
      <div className={css.matrix} tabIndex={0} role="group" aria-label={text.allows}>
        <table aria-label={text.allows}>
          <thead>
            <tr>
              <th scope="col">{text.resource}</th>
              {ACTIONS.map((action) => (
                <th key={action} scope="col">
                  {text.actions[action]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((resource) => (
              <tr key={resource}>
                <th scope="row">{resource}</th>
                {ACTIONS.map((action) => (
                  <td key={action}>
                    {(resource.startsWith(OF_ONE_DAG)
                      ? OF_A_DAG.includes(action)
                      : admin.has(cell(action, resource)) || cells.has(cell(action, resource))) && (
                      <input
                        type="checkbox"
                        aria-label={text.permission(text.actions[action] ?? action, resource)}
                        disabled={isAdmin}
                        checked={cells.has(cell(action, resource))}
                        onChange={(event) => toggle(cell(action, resource), event.target.checked)}
                      />
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!isAdmin && (
        <div className={css.inline}>
          <Field name={text.oneDag} hint={text.oneDagHint}>
            <input value={dag} onChange={(event) => setDag(event.target.value)} />
          </Field>
          <Button
            disabled={!dag.trim()}
            onClick={() => {
              setMore([...more, OF_ONE_DAG + dag.trim()]);
              setDag("");
            }}
          >
            {text.addRow}
          </Button>
        </div>
      )}
    </ActDialog>
  );
}
