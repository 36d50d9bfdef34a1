/** The words of the chosen language. What one view alone says lies in that view's folder. */

import { onSettings, renewSettings, settings, useSettings } from "@/settings/settings";
import { en, type Text } from "./en";

/** The same words in each language. */
export interface Words<T> {
  en: T;
  ko: T;
}

/** What all pages say. English is always there, the other language once it is chosen. */
const shared: Words<Text> = { en, ko: en };

/** Load the words of the chosen language, unless they are there. */
export async function learn(): Promise<void> {
  if (settings().language === "en" || shared.ko !== en) return;
  shared.ko = (await import("./ko")).ko;
  renewSettings();
}

onSettings(() => void learn());

export function useWords<T>(words: Words<T>): T {
  return words[useSettings().language];
}

/** Return the words that all pages share. */
export function useText(): Text {
  return useWords(shared);
}
