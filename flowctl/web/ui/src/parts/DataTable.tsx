/** A table of records: columns are rows of data, so that every list looks and works alike.
 *
 * On a narrow screen each record is a card; the roles keep it a table for those who hear it.
 */

import type { ReactNode } from "react";
import { useText } from "@/text/text";
import css from "./table.module.css";

export interface Column<R> {
  name: string;
  cell: (row: R) => ReactNode;
  /** Numbers stand at the right. */
  isNumber?: boolean;
}

/** Which rows are chosen, by their keys. */
export interface Chosen<R> {
  rows: ReadonlyMap<string, R>;
  set: (rows: ReadonlyMap<string, R>) => void;
}

interface Props<R> {
  /** What the table is a list of, for those who hear it. */
  label: string;
  columns: Column<R>[];
  rows: R[];
  keyOf: (row: R) => string;
  /** Buttons at the end of a row. */
  actions?: (row: R) => ReactNode;
  chosen?: Chosen<R>;
}

/** Return the chosen rows with some more, or without them. */
function toggled<R>({ rows }: Chosen<R>, some: [string, R][], isOn: boolean) {
  const next = new Map(rows);
  for (const [key, row] of some) {
    if (isOn) next.set(key, row);
    else next.delete(key);
  }
  return next;
}

export function DataTable<R>({ label, columns, rows, keyOf, actions, chosen }: Props<R>) {
  const { ask } = useText();
  const all = rows.map((row): [string, R] => [keyOf(row), row]);
  const areAll = all.every(([key]) => chosen?.rows.has(key));
  return (
    <div className={css.scroll} role="region" aria-label={label} tabIndex={0}>
      <table role="table" className={css.table} aria-label={label}>
        <thead>
          <tr>
            {chosen && (
              <th className={css.choice}>
                <input
                  type="checkbox"
                  aria-label={ask.chooseAll}
                  checked={areAll}
                  onChange={() => chosen.set(toggled(chosen, all, !areAll))}
                />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.name} className={column.isNumber ? css.number : undefined}>
                {column.name}
              </th>
            ))}
            {actions && (
              <th>
                <span className="visually-hidden">{ask.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {all.map(([key, row]) => (
            <tr key={key} role="row" data-chosen={chosen?.rows.has(key) || undefined}>
              {chosen && (
                <td role="cell" className={css.choice}>
                  <input
                    type="checkbox"
                    aria-label={`${ask.choose} ${key}`}
                    checked={chosen.rows.has(key)}
                    onChange={(event) =>
                      chosen.set(toggled(chosen, [[key, row]], event.target.checked))
                    }
                  />
                </td>
              )}
              {columns.map((column) => (
                <td
                  key={column.name}
                  role="cell"
                  data-name={column.name}
                  className={column.isNumber ? css.number : undefined}
                >
                  {column.cell(row)}
                </td>
              ))}
              {actions && (
                <td role="cell" className={css.actions}>
                  {actions(row)}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
