/** Which piece of a Python source is what: enough to colour it, no grammar. */

export type Kind =
  "comment" | "string" | "decorator" | "number" | "keyword" | "constant" | "name" | "plain";

export interface Token {
  kind: Kind;
  text: string;
}

const KEYWORDS = new Set(
  (
    "and as assert async await break case class continue def del elif else except finally for " +
    "from global if import in is lambda match nonlocal not or pass raise return try type while " +
    "with yield"
  ).split(" "),
);
/** Words that are keywords only where a statement begins and something is named, and names anywhere else. */
const SOFT = new Set(["match", "case", "type"]);
const NAMED = /^ +[^ =]/;
const CONSTANTS = new Set(["None", "True", "False", "self", "cls", "Ellipsis", "NotImplemented"]);

// What a quote opens, a line or three quotes end; a string that never ends takes all the rest.
const STRING =
  /(?:[rbfut]|[rf][bt]|[bt]r|rf|fr)?(?:"""[^"\\]*(?:(?:\\[^]|"(?!""))[^"\\]*)*(?:"""|$)|'''[^'\\]*(?:(?:\\[^]|'(?!''))[^'\\]*)*(?:'''|$)|"[^"\\\n]*(?:\\[^][^"\\\n]*)*"?|'[^'\\\n]*(?:\\[^][^'\\\n]*)*'?)/;
const PIECES = new RegExp(
  [
    `(?<comment>#[^\\n]*)`,
    `(?<string>${STRING.source})`,
    `(?<decorator>(?<=^[ \\t]*)@[\\w.]+)`,
    `(?<number>(?:\\d[\\w.]*|\\.\\d\\w*))`,
    `(?<word>[\\p{L}_][\\p{L}\\p{N}_]*)`,
    `(?<plain>\\s+|[^])`,
  ].join("|"),
  "giuym",
);

/** Return the lines of a source, each as its tokens; joined again they are the source. */
export function linesOf(source: string): Token[][] {
  const lines: Token[][] = [[]];
  let before = "";
  const plain = source.replaceAll("\r\n", "\n");
  for (const { groups = {}, 0: text, index } of plain.matchAll(PIECES)) {
    const kind = groups.word ? kindOf(text, before) : kindIn(groups);
    const isSoft = SOFT.has(text) && kind === "keyword";
    const line = lines.at(-1) ?? [];
    const isName = isSoft && !isStatement(line, plain.slice(index + text.length, index + 80));
    add(lines, isName ? "plain" : kind, text);
    if (text.trim()) before = text;
  }
  return lines;
}

function kindIn(groups: Record<string, string | undefined>): Kind {
  const kinds: Kind[] = ["comment", "string", "decorator", "number"];
  return kinds.find((kind) => groups[kind] !== undefined) ?? "plain";
}

/** Say whether a soft keyword after `line` and before `rest` begins a statement. */
function isStatement(line: readonly Token[], rest: string): boolean {
  return line.every((token) => !token.text.trim()) && NAMED.test(rest);
}

function kindOf(word: string, before: string): Kind {
  if (before === "def" || before === "class") return "name";
  if (before === ".") return "plain";
  if (KEYWORDS.has(word)) return "keyword";
  return CONSTANTS.has(word) ? "constant" : "plain";
}

/** Add a piece to the last line; it may go on over further ones. Neighbours of a kind become one. */
function add(lines: Token[][], kind: Kind, text: string): void {
  for (const [at, part] of text.split("\n").entries()) {
    if (at > 0) lines.push([]);
    const line = lines.at(-1) as Token[];
    const last = line.at(-1);
    if (!part) continue;
    if (last?.kind === kind) last.text += part;
    else line.push({ kind, text: part });
  }
}
