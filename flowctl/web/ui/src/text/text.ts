/** The words of the chosen language. What one view alone says lies in that view's folder. */

import { useSettings } from "@/settings/settings";
import { en, type Text } from "./en";
import { ko } from "./ko";

/** The same words in each language. */
export interface Words<T> {
  en: T;
  ko: T;
}

export function useWords<T>(words: Words<T>): T {
  return words[useSettings().language];
}

/** Return the words that all pages share. */
export function useText(): Text {
  return useWords({ en, ko });
}
