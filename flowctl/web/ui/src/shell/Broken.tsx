/** In the place of a page that did not come or could not be drawn. */

import type { ErrorComponentProps } from "@tanstack/react-router";
import { useEffect } from "react";
import { Failure, Notice } from "@/parts/Notice";
import { Button } from "@/parts/Button";
import { useText } from "@/text/text";
import { Away, isThere } from "./lazyPage";

const LOOK_EVERY_MS = 2_000;

function reload(): void {
  window.location.reload();
}

export function Broken({ error }: ErrorComponentProps) {
  const { ask } = useText();
  const isAway = error instanceof Away;
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(
      () => void isThere().then((answers) => answers && reload()),
      LOOK_EVERY_MS,
    );
    return () => clearInterval(timer);
  }, [isAway]);
  if (isAway) return <Failure error={error} />;
  return (
    <Notice>
      <p>{ask.broken(error instanceof Error ? error.message : String(error))}</p>
      <Button look="quiet" onClick={reload}>
        {ask.retry}
      </Button>
    </Notice>
  );
}
