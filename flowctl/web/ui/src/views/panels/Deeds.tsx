/** The buttons that clear and mark; each has a letter, which works anywhere in the panel. */

import { Button } from "@/parts/Button";
import { useWords } from "@/text/text";
import { type Target, useDeed } from "@/views/actions/deeds";
import { words } from "./words";

const KEYS = { clear: "c", success: "s", failed: "f" } as const;

export function Deeds({ targets }: { targets: Target[] }) {
  const text = useWords(words);
  const deed = useDeed();
  return (["clear", "success", "failed"] as const).map((kind) => (
    <Button
      key={kind}
      data-key={KEYS[kind]}
      aria-keyshortcuts={KEYS[kind]}
      onClick={() => deed({ kind, targets })}
    >
      {text[kind]}
    </Button>
  ));
}
