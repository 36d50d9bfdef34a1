/** Pages of runs, and what becomes of them when some runs are read anew. */

export interface Keyed {
  run_id: string;
  pk: number;
  logical_date: string | null;
}

export interface PageOf<R extends Keyed> {
  version: number;
  runs: R[];
  has_more: boolean;
}

export const KEPT = 100;

function isBefore(a: Keyed, b: Keyed): boolean {
  const [left, right] = [a.logical_date ?? "", b.logical_date ?? ""];
  return left === right ? a.pk > b.pk : left > right;
}

/** Put runs that were read anew into their pages, newest first.
 *
 * A run that was asked for and not found is gone, or no longer what the filter wants. A new one
 * that is older than every page belongs to a page not read yet. Who never went back to a second
 * page keeps so many: a page that is open for a week would keep a week of runs.
 */
export function merged<P extends PageOf<Keyed>>(
  pages: readonly P[],
  asked: readonly string[],
  found: readonly P["runs"][number][],
): P[] {
  const fresh = new Map(found.map((run) => [run.run_id, run]));
  const gone = new Set(asked.filter((id) => !fresh.has(id)));
  const next = pages.map((page) => {
    if (!page.runs.some((run) => fresh.has(run.run_id) || gone.has(run.run_id))) return page;
    const runs = page.runs.flatMap((run) => {
      const again = fresh.get(run.run_id);
      fresh.delete(run.run_id);
      return gone.has(run.run_id) ? [] : [again ?? run];
    });
    return { ...page, runs };
  });
  for (const run of fresh.values()) add(next, run);
  const [only, second] = next;
  if (!only || second || only.runs.length <= KEPT) return next;
  return [{ ...only, runs: only.runs.slice(0, KEPT), has_more: true }];
}

function add<P extends PageOf<Keyed>>(pages: P[], run: Keyed): void {
  for (const [at, page] of pages.entries()) {
    const place = page.runs.findIndex((other) => isBefore(run, other));
    if (place < 0 && !(at === 0 && page.runs.length === 0)) continue;
    const runs = [...page.runs];
    runs.splice(Math.max(0, place), 0, run);
    pages[at] = { ...page, runs };
    return;
  }
}
