/** What a person chose for this browser: theme, language, time zone. Kept in its storage. */

import { useSyncExternalStore } from "react";

export interface Settings {
  theme: "system" | "light" | "dark";
  language: "en" | "ko";
  /** "local", or an IANA name. */
  zone: string;
}

const KEY = "flowctl.settings";
const listeners = new Set<() => void>();

function first(): Settings {
  return {
    theme: "system",
    language: navigator.language.startsWith("ko") ? "ko" : "en",
    zone: "UTC",
  };
}

function read(): Settings {
  try {
    return { ...first(), ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return first();
  }
}

let current = read();

function apply(): void {
  const root = document.documentElement;
  root.lang = current.language;
  if (current.theme === "system") delete root.dataset.theme;
  else root.dataset.theme = current.theme;
}

function changed(): void {
  apply();
  for (const listener of listeners) listener();
}

export function changeSettings(part: Partial<Settings>): void {
  current = { ...current, ...part };
  localStorage.setItem(KEY, JSON.stringify(current));
  changed();
}

/** Draw again whatever depends on the settings, as what they stand for came only now. */
export function renewSettings(): void {
  current = { ...current };
  changed();
}

export function settings(): Settings {
  return current;
}

/** Call `listener` with each change; return how to stop that. */
export function onSettings(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Follow what is chosen, here or in another tab. */
export function useSettings(): Settings {
  return useSyncExternalStore(onSettings, settings);
}

window.addEventListener("storage", (event) => {
  if (event.key !== KEY) return;
  current = read();
  changed();
});
apply();
