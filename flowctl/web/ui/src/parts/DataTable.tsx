/** A table of records: columns are rows of data, so that every list looks and works alike. */

import type { ReactNode } from "react";
import css from "./table.module.css";

export interface Column<R> {
  name: string;
  cell: (row: R) => ReactNode;
  /** Numbers stand at the right. */
  isNumber?: boolean;
}

interface Props<R> {
  /** What the table is a list of, for those who hear it. */
  label: string;
  columns: Column<R>[];
  rows: R[];
  keyOf: (row: R) => string;
  /** Buttons at the end of a row. */
  actions?: (row: R) => ReactNode;
}

export function DataTable<R>({ label, columns, rows, keyOf, actions }: Props<R>) {
  return (
    <div className={css.scroll}>
      <table className={css.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} className={column.isNumber ? css.number : undefined}>
                {column.name}
              </th>
            ))}
            {actions && <th aria-label=" " />}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} className={column.isNumber ? css.number : undefined}>
                  {column.cell(row)}
                </td>
              ))}
              {actions && <td className={css.actions}>{actions(row)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
