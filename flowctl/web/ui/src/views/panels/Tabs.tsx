/** The parts of a panel. */

import type { KeyboardEvent } from "react";
import { useWords } from "@/text/text";
import { useSelection } from "@/views/dag/selection";
import css from "./panels.module.css";
import { words } from "./words";

export type Part = keyof (typeof words.en)["parts"];

/** The tabs themselves; the arrow keys lead from one to the next. */
export function Tabs({ names, chosen }: { names: readonly Part[]; chosen: Part }) {
  const text = useWords(words);
  const [, select] = useSelection();
  function step(event: KeyboardEvent<HTMLElement>): void {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const at = (names.findIndex((name) => name === chosen) + by + names.length) % names.length;
    select({ panel: names[at] });
    (event.currentTarget.children[at] as HTMLElement | undefined)?.focus();
  }
  return (
    <div className={css.parts} role="tablist" aria-label={text.panel} onKeyDown={step}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          tabIndex={name === chosen ? 0 : -1}
          aria-selected={name === chosen}
          onClick={() => select({ panel: name })}
        >
          {text.parts[name]}
        </button>
      ))}
    </div>
  );
}
