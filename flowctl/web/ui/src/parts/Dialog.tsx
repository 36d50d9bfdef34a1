import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useText } from "@/text/text";
import { IconButton } from "./Button";
import css from "./parts.module.css";

/** Where one begins: the first thing of a form that can be filled in. */
const FIRST = "form :is(input, select, textarea):not([readonly], :disabled)";

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons, the one that does it last. */
  foot?: ReactNode;
  isWide?: boolean;
}

/** A dialog above everything: the browser keeps the focus in it, and closes it with Escape. */
export function Dialog({ title, onClose, children, foot, isWide = false }: Props) {
  const text = useText();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    ref.current?.showModal();
    ref.current?.querySelector<HTMLElement>(FIRST)?.focus();
  }, []);
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      className={`${css.dialog} ${isWide ? css.wide : ""}`}
      onClose={onClose}
    >
      <div className={css.dialogHead}>
        <h2 id={id}>{title}</h2>
        <IconButton label={text.ask.close} onClick={() => ref.current?.close()}>
          <X size={16} />
        </IconButton>
      </div>
      <div className={css.dialogBody}>{children}</div>
      {foot && <div className={css.dialogFoot}>{foot}</div>}
    </dialog>
  );
}
