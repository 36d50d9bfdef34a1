import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { isForbidden, Refused } from "@/api/client";
import { useText } from "@/text/text";
import { Button } from "./Button";
import css from "./parts.module.css";

/** Something that went wrong, or is about to. */
export function Notice({
  children,
  kind = "danger",
}: {
  children: ReactNode;
  kind?: "danger" | "warning";
}) {
  return (
    <div role="alert" className={`${css.notice} ${kind === "warning" ? css.warning : ""}`}>
      <TriangleAlert size={16} aria-hidden="true" style={{ flex: "none", marginTop: 2 }} />
      <div>{children}</div>
    </div>
  );
}

/** Why a request was refused, and the way to try again where that may help.
 *
 * Where a page is read (what can be tried again), one may not see it; no trouble, but a question of roles.
 */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const text = useText();
  const words = error instanceof Refused ? error.detail : text.ask.away;
  if (retry && isForbidden(error))
    return (
      <Empty title={text.ask.notYours}>
        <p>{words}.</p>
        <p>{text.ask.askAdmin}</p>
      </Empty>
    );
  return (
    <Notice>
      <p>{words}</p>
      {retry && (
        <Button look="quiet" onClick={retry}>
          {text.ask.retry}
        </Button>
      )}
    </Notice>
  );
}

/** What a page is about is not there; it is asked for again and again (`untilThere`). */
export function Missing({ error }: { error: Refused }) {
  const { ask } = useText();
  return (
    <Empty title={error.detail}>
      <p role="status">{ask.soon}</p>
      <Link to="/dags">{ask.home}</Link>
    </Empty>
  );
}

/** An empty list, which says how something comes into it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
