/** Where one can go from the bar, and which resource one must be able to read for it. */

import type { Text } from "@/text/en";

export interface Entry {
  to: string;
  name: keyof Text["nav"];
  needs?: string;
}

export const MAIN: Entry[] = [{ to: "/dags", name: "dags" }];

export const BROWSE: Entry[] = [];

export const ADMIN: Entry[] = [];
