/** Asks while one types, but not at each key; "/" anywhere on the page leads to it. */

import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import css from "./parts.module.css";

const TYPING_MS = 200;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
    // Only what is typed counts: a change of the address by a link comes with a new page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [typed]);
  useEffect(() => {
    const toField = (event: KeyboardEvent) => {
      if (event.key !== "/" || (event.target as HTMLElement).closest("input, textarea, select")) {
        return;
      }
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener("keydown", toField);
    return () => window.removeEventListener("keydown", toField);
  }, []);
  return (
    <div className={css.search}>
      <Search size={16} aria-hidden="true" />
      <input
        ref={field}
        type="search"
        aria-label={label}
        placeholder={`${label}  /`}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
    </div>
  );
}
