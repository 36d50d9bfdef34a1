import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import css from "./parts.module.css";

interface Props {
  label: string;
  /** What the button shows. */
  face: ReactNode;
  children: ReactNode;
  className?: string | undefined;
}

function step(event: KeyboardEvent<HTMLElement>): void {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>("a, button:not(:disabled)")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items.at((at + by) % items.length)?.focus();
}

/** A button that opens a list of links and buttons; the browser places and closes the list.
 *
 * What is in it is made when it is first opened: a page has a hundred of these.
 */
export function Menu({ label, face, children, className }: Props) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [wasOpened, setOpened] = useState(false);
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        className={className ?? `${css.button} ${css.quiet}`}
        aria-label={label}
        title={label}
      >
        {face}
      </button>
      <div
        ref={list}
        id={id}
        popover="auto"
        className={css.menu}
        onBeforeToggle={() => setOpened(true)}
        onKeyDown={step}
        onClick={(event) =>
          (event.target as HTMLElement).closest("a, button") && list.current?.hidePopover()
        }
      >
        {wasOpened && children}
      </div>
    </>
  );
}

export const menuItem = css.menuItem;
