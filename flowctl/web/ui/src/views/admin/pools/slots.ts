/** How the slots of a pool are shared out, as parts of a bar. */

import type { Schemas } from "@/api/client";

export type Pool = Schemas["Pool"];

/** What the API calls the free slots of a pool without a limit. */
const NO_LIMIT = 2 ** 31 - 1;

export interface Part {
  state: "running" | "queued" | "deferred" | "open";
  slots: number;
}

export function isUnlimited(pool: Pool): boolean {
  return pool.slots === -1;
}

/** Return the free slots; null without a limit. */
export function open(pool: Pool): number | null {
  return pool.open_slots === NO_LIMIT ? null : Math.max(0, pool.open_slots);
}

/** Return the parts that have slots; deferred tasks are one where they keep theirs. */
export function parts(pool: Pool): Part[] {
  const all: Part[] = [
    { state: "running", slots: pool.running_slots },
    { state: "queued", slots: pool.queued_slots },
    { state: "deferred", slots: pool.include_deferred ? pool.deferred_slots : 0 },
    { state: "open", slots: open(pool) ?? 0 },
  ];
  return all.filter(({ slots }) => slots > 0);
}
