/** How full the executor and the pools will be, as columns to draw; and which days one can ask for. */

import type { Schemas } from "@/api/client";

export type Load = Schemas["ComingLoad"];

export interface Column {
  /** Where it begins, an ISO moment. */
  since: string;
  /** The slots taken on average and at most. */
  mean: number;
  peak: number;
  /** The same as parts of the height. */
  meanShare: number;
  peakShare: number;
  isFull: boolean;
}

const COLUMNS_MAX = 120;

/** Return the columns of a load; where there are too many steps, several are one column. */
export function columnsOf(load: Load): Column[] {
  const each = Math.ceil(load.steps.length / COLUMNS_MAX);
  const peaks = load.steps.map((step) => step.peak);
  const top = Math.max(1, load.slots, ...peaks);
  const columns: Column[] = [];
  for (let at = 0; at < load.steps.length; at += each) {
    const steps = load.steps.slice(at, at + each);
    const mean = steps.reduce((sum, step) => sum + step.mean, 0) / steps.length;
    const peak = Math.max(...steps.map((step) => step.peak));
    columns.push({
      since: (steps[0] as { since: string }).since,
      mean,
      peak,
      meanShare: mean / top,
      peakShare: peak / top,
      isFull: load.slots >= 0 && peak >= load.slots,
    });
  }
  return columns;
}

/** Return the loads in which something happens, the fullest first. */
export function byNeed(loads: Load[]): Load[] {
  const need = (load: Load) =>
    Math.max(0, ...load.steps.map((step) => step.peak)) / Math.max(1, load.slots);
  return loads
    .filter((load) => load.steps.some((step) => step.peak > 0))
    .sort((one, other) => need(other) - need(one));
}

/** The stretches one can ask for, in days. */
export const DAYS = [1, 7, 31] as const;

/** Read the stretch from an address that anybody may have written. */
export function stretchOf(search: Record<string, unknown>): { days?: number } {
  const days = Number(search.days);
  return DAYS.includes(days as 1) ? { days } : {};
}
