/** Markdown that a DAG's file brings: hostile text. No HTML of it is used, no picture loaded. */

import Markdown from "markdown-to-jsx/react";
import type { ReactNode } from "react";
import { linesOf } from "@/parts/code/python";
import { Line } from "@/parts/code/Code";
import { useWords } from "@/text/text";
import css from "./details.module.css";
import { words } from "./words";

const SAFE = /^(https?:|mailto:|#)/i;
const HEADINGS = { h1: "h3", h2: "h4", h3: "h5", h4: "h6" };

/** A link to elsewhere opens beside the page; any other address stays text. */
function Away({ href = "", children }: { href?: string; children?: ReactNode }) {
  if (!SAFE.test(href)) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

function Picture({ alt = "", src = "" }: { alt?: string; src?: string }) {
  const text = useWords(words);
  return <Away href={src}>{text.picture(alt || src)}</Away>;
}

/** A piece of code; what says that it is Python has its colours. */
function Piece({ className = "", children }: { className?: string; children?: ReactNode }) {
  if (!/\b(lang|language)-py/.test(className) || typeof children !== "string")
    return <code>{children}</code>;
  return (
    <code>
      {linesOf(children).map((tokens, at) => (
        <span key={at}>
          <Line tokens={tokens} />
          {"\n"}
        </span>
      ))}
    </code>
  );
}

function Block({ children }: { children?: ReactNode }) {
  return <pre tabIndex={0}>{children}</pre>;
}

export function Docs({ markdown }: { markdown: string }) {
  const overrides = {
    ...Object.fromEntries(
      Object.entries(HEADINGS).map(([from, component]) => [from, { component }]),
    ),
    a: { component: Away },
    img: { component: Picture },
    code: { component: Piece },
    pre: { component: Block },
  };
  return (
    <div className={css.docs}>
      <Markdown options={{ disableParsingRawHTML: true, forceBlock: true, overrides }}>
        {dedented(markdown)}
      </Markdown>
    </div>
  );
}

/** Return a text without the indentation that all its lines share: docstrings have one. */
function dedented(text: string): string {
  const lines = text.split("\n");
  const indents = lines
    .slice(lines[0]?.trim() ? 1 : 0)
    .filter((line) => line.trim())
    .map((line) => line.length - line.trimStart().length);
  const shared = indents.length > 0 ? Math.min(...indents) : 0;
  return lines.map((line) => line.replace(new RegExp(`^ {0,${shared}}`), "")).join("\n");
}
