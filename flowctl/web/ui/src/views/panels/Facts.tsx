/** A list of names and values; values that are missing are left out. */

import type { ReactNode } from "react";
import { useWords } from "@/text/text";
import css from "./panels.module.css";
import { words } from "./words";

export function Facts({ rows }: { rows: [string, ReactNode][] }) {
  const text = useWords(words);
  return (
    <dl className={css.facts}>
      {rows
        .filter(([, value]) => value !== null && value !== undefined && value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{text.rows[name] ?? name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** Any value as text one can read. */
export function Value({ value }: { value: unknown }) {
  return (
    <pre className={css.value}>
      {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}
