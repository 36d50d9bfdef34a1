/** Many links in one stop of the Tab key: arrows go from one to the next. */

import type { KeyboardEvent } from "react";

/** Move the focus among links whose `data-at` is "column row"; for `onKeyDown` of what holds them.
 *
 * The link that has the focus last stays the one that Tab comes back to.
 */
export function rove(event: KeyboardEvent<HTMLElement>): void {
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-at]")];
  const from = links.find((link) => link === document.activeElement);
  if (!from) return;
  const to = next(
    event.key,
    from.dataset.at ?? "",
    links.map((link) => link.dataset.at ?? ""),
  );
  if (to === undefined) return;
  event.preventDefault();
  for (const [place, link] of links.entries()) link.tabIndex = place === to ? 0 : -1;
  links[to]?.focus();
  links[to]?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** Return the place in `all` that a key leads to from `from`; undefined for no other key, or no place.
 *
 * An arrow along the columns goes to the nearest column that has something, and in it to the nearest row.
 */
export function next(key: string, from: string, all: readonly string[]): number | undefined {
  const places = all.map((at) => at.split(" ").map(Number) as [number, number]);
  const [column, row] = from.split(" ").map(Number) as [number, number];
  const found = places
    .map(([c, r], place) => ({ place, ...distance(key, c - column, r - row) }))
    .filter(({ far }) => far > 0)
    .sort((one, other) => one.far - other.far || one.aside - other.aside);
  return found[0]?.place;
}

/** How far away a place is in the direction of a key, and how far aside; 0 for the wrong direction. */
function distance(key: string, columns: number, rows: number): { far: number; aside: number } {
  const ways: Record<string, [number, number]> = {
    ArrowRight: [columns, Math.abs(rows)],
    ArrowLeft: [-columns, Math.abs(rows)],
    ArrowDown: columns === 0 ? [rows, 0] : [0, 0],
    ArrowUp: columns === 0 ? [-rows, 0] : [0, 0],
  };
  const [far, aside] = ways[key] ?? [0, 0];
  return { far, aside };
}
