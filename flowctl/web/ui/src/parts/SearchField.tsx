/** Asks while one types, but not at each key; "/" anywhere on the page leads to it.
 *
 * A value that comes from elsewhere (Back, a link) replaces what is typed.
 */

import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import css from "./parts.module.css";

const TYPING_MS = 200;

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

export function SearchField({ label, value, onChange }: Props) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const [sent, setSent] = useState(value);
  const field = useRef<HTMLInputElement>(null);
  if (value !== seen) {
    setSeen(value);
    // What was sent comes back later, and must not undo what was typed since.
    if (value !== sent) {
      setSent(value);
      setTyped(value);
    }
  }
  const send = useEffectEvent(() => {
    if (typed === value) return;
    setSent(typed);
    onChange(typed);
  });
  useEffect(() => {
    const timer = setTimeout(() => send(), TYPING_MS);
    return () => clearTimeout(timer);
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
