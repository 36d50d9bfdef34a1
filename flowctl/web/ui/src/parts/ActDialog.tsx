/** A dialog that does one thing: a form, or a question. What the server refuses is said in it. */

import { type ReactNode, useId, useState } from "react";
import { useText } from "@/text/text";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { Failure } from "./Notice";
import css from "./parts.module.css";

interface Props {
  title: string;
  /** What its button says; by default "Save". */
  doIt?: string;
  look?: "main" | "danger";
  /** Does it; the dialog closes when that worked. */
  act: () => Promise<unknown>;
  onClose: () => void;
  children: ReactNode;
  /** Buttons beside the one that does it. */
  more?: ReactNode;
  isWide?: boolean;
  isDisabled?: boolean;
}

export function ActDialog(props: Props) {
  const { title, doIt, look = "main", act, onClose, children, more, isWide, isDisabled } = props;
  const { ask } = useText();
  const form = useId();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  async function go(): Promise<void> {
    setBusy(true);
    try {
      await act();
      onClose();
    } catch (found) {
      setError(found);
      setBusy(false);
    }
  }
  return (
    <Dialog
      title={title}
      onClose={onClose}
      isWide={isWide ?? false}
      foot={
        <>
          {more}
          <Button onClick={onClose}>{ask.cancel}</Button>
          <Button type="submit" form={form} look={look} disabled={isBusy || (isDisabled ?? false)}>
            {doIt ?? ask.save}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          void go();
        }}
      >
        {error !== undefined && (
          <div ref={(place) => place?.scrollIntoView({ block: "nearest" })}>
            <Failure error={error} />
          </div>
        )}
        {children}
      </form>
    </Dialog>
  );
}
