/** Source text with its colours, and with numbered lines. */

import { Fragment, memo } from "react";
import css from "./code.module.css";
import { linesOf, type Token } from "./python";

/** So many lines are skipped at once when they are out of sight. */
const BLOCK = 100;
const LINE_PX = 20;

export const Line = memo(function Line({ tokens }: { tokens: readonly Token[] }) {
  return tokens.map((token, at) =>
    token.kind === "plain" ? (
      <Fragment key={at}>{token.text}</Fragment>
    ) : (
      <span key={at} className={css[token.kind]}>
        {token.text}
      </span>
    ),
  );
});

/** A Python source; it scrolls in a box of its own. */
export const Source = memo(function Source({ label, source }: { label: string; source: string }) {
  const lines = linesOf(source.replace(/\n$/, ""));
  const blocks = Array.from({ length: Math.ceil(lines.length / BLOCK) }, (_, at) =>
    lines.slice(at * BLOCK, (at + 1) * BLOCK),
  );
  return (
    <pre className={css.source} role="region" tabIndex={0} aria-label={label}>
      {blocks.map((block, at) => (
        <code
          key={at}
          className={css.block}
          style={{
            counterReset: `line ${at * BLOCK}`,
            containIntrinsicSize: `auto ${block.length * LINE_PX}px`,
          }}
        >
          {block.map((tokens, place) => (
            <span key={place} className={css.line}>
              <Line tokens={tokens} />
              {"\n"}
            </span>
          ))}
        </code>
      ))}
    </pre>
  );
});
