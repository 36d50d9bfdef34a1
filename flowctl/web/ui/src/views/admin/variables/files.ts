/** The file that variables are exported to and imported from: that of `flowctl variables`. */

export interface Variable {
  key: string;
  value: string;
  description: string | null;
}

/** A secret value as the API shows it. */
export const MASK = "***";

/** Read a file of variables; null when it is none. */
export function read(text: string): Variable[] | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (found === null || typeof found !== "object" || Array.isArray(found)) return null;
  return Object.entries(found).map(([key, entry]) => variable(key, entry));
}

function variable(key: string, entry: unknown): Variable {
  const both = entry as { value?: unknown; description?: string | null } | null;
  const names = both && typeof both === "object" ? Object.keys(both).sort().join() : "";
  const isBoth = names === "description,value";
  const value = isBoth ? both?.value : entry;
  return {
    key,
    value: typeof value === "string" ? value : JSON.stringify(value),
    description: (isBoth ? both?.description : null) ?? null,
  };
}

/** Write a file of variables, without those whose value is masked. */
export function write(variables: Variable[]): string {
  const content = Object.fromEntries(
    [...variables]
      .filter(({ value }) => value !== MASK)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ key, value, description }) => [key, description ? { value, description } : value]),
  );
  return `${JSON.stringify(content, null, 4)}\n`;
}

/** Say whether a text is JSON with a structure, which is worth being shown as such. */
export function isStructure(text: string): boolean {
  return /^\s*[[{]/.test(text) && isJson(text);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
