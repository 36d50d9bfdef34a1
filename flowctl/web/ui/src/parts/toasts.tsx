/** Short words about what was just done; failures stay until they are read. */

import { useSyncExternalStore } from "react";
import css from "./parts.module.css";

interface Toast {
  number: number;
  words: string;
  isBad: boolean;
}

const GOOD_MS = 5_000;
const BAD_MS = 20_000;

let toasts: Toast[] = [];
let last = 0;
const listeners = new Set<() => void>();

function show(next: Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

function add(words: string, isBad: boolean): void {
  last += 1;
  const number = last;
  show([...toasts.slice(-4), { number, words, isBad }]);
  setTimeout(() => show(toasts.filter((one) => one.number !== number)), isBad ? BAD_MS : GOOD_MS);
}

/** Say what was done. */
export function said(words: string): void {
  add(words, false);
}

/** Say why something was not done. */
export function regret(error: unknown): void {
  add(error instanceof Error ? error.message : String(error), true);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className={css.toasts} role="status" aria-live="polite">
      {shown.map((one) => (
        <div key={one.number} className={`${css.toast} ${one.isBad ? css.toastBad : ""}`}>
          {one.words}
        </div>
      ))}
    </div>
  );
}
