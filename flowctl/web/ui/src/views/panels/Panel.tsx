/** What is selected, at the right of grid, graph and gantt. */

import { X } from "lucide-react";
import type { KeyboardEvent } from "react";
import { IconButton } from "@/parts/Button";
import { useText, useWords } from "@/text/text";
import { NOTHING, useSelection } from "@/views/dag/selection";
import css from "./panels.module.css";
import { RunPanel } from "./RunPanel";
import { TaskPanel } from "./TaskPanel";
import { words } from "./words";

/** Press the button of a letter, unless it is typed into something. */
function press(event: KeyboardEvent<HTMLElement>): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select"))
    return;
  if (!/^[a-z]$/.test(event.key)) return;
  event.currentTarget.querySelector<HTMLElement>(`[data-key="${event.key}"]`)?.click();
}

export function Panel({ dagId }: { dagId: string }) {
  const [{ run, task, map }, select] = useSelection();
  const text = useWords(words);
  const ask = useText().ask;
  if (!run) return null;
  return (
    <aside
      id="panel"
      tabIndex={-1}
      className={css.panel}
      aria-label={text.panel}
      onKeyDown={(event) => {
        if ((event.target as HTMLElement).closest("dialog")) return;
        if (event.key === "Escape") select(NOTHING);
        else press(event);
      }}
    >
      <div className={css.head}>
        <div className={css.crumbs}>
          {task ? (
            <>
              <button type="button" onClick={() => select({ task: undefined })}>
                {run}
              </button>
              <h2>{map === undefined ? task : `${task} [${map}]`}</h2>
            </>
          ) : (
            <h2>{run}</h2>
          )}
        </div>
        <IconButton label={ask.close} onClick={() => select(NOTHING)}>
          <X size={16} />
        </IconButton>
      </div>
      {task ? (
        <TaskPanel key={`${run} ${task}`} dagId={dagId} run={run} task={task} />
      ) : (
        <RunPanel key={run} dagId={dagId} run={run} />
      )}
    </aside>
  );
}
