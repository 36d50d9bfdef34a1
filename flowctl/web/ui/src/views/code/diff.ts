/** A unified diff as rows: what stayed, came and went, with the numbers of both sides. */

export interface DiffRow {
  kind: "same" | "added" | "removed" | "gap";
  /** The number of the line in the old and in the new source; null where it is not in it. */
  old: number | null;
  new: number | null;
  text: string;
}

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;
const KINDS: Record<string, "added" | "removed" | "same"> = {
  "+": "added",
  "-": "removed",
  " ": "same",
};

/** Return the rows of a unified diff; a gap stands where lines are left out. */
export function rowsOf(diff: string): DiffRow[] {
  const lines = diff.split("\n");
  const rows: DiffRow[] = [];
  let shown = 0; // lines of the new source up to here, those left out included
  const starts = lines.flatMap((line, at) => (HUNK.test(line) ? [at] : []));
  for (const [place, start] of starts.entries()) {
    const [before, after] = firstsOf(lines[start] ?? "");
    if (after > shown + 1) rows.push({ kind: "gap", old: null, new: null, text: "" });
    const part = partOf(lines.slice(start + 1, starts[place + 1]), before, after);
    rows.push(...part);
    shown = part.findLast((row) => row.new !== null)?.new ?? after;
  }
  return rows;
}

/** Return the numbers of the first lines of a part; a side without lines names the one before. */
function firstsOf(head: string): [number, number] {
  const found = HUNK.exec(head);
  const first = (start?: string, count?: string) => Number(start) + (count === "0" ? 1 : 0);
  return [first(found?.[1], found?.[2]), first(found?.[3], found?.[4])];
}

function partOf(lines: readonly string[], before: number, after: number): DiffRow[] {
  return lines.flatMap((line): DiffRow[] => {
    const kind = KINDS[line.slice(0, 1)];
    if (!kind) return [];
    const numbers = {
      old: kind === "added" ? null : before++,
      new: kind === "removed" ? null : after++,
    };
    return [{ kind, ...numbers, text: line.slice(1) }];
  });
}

/** Return how many rows are of each kind. */
export function countsOf(rows: readonly DiffRow[]): { added: number; removed: number } {
  const count = (kind: string) => rows.filter((row) => row.kind === kind).length;
  return { added: count("added"), removed: count("removed") };
}
