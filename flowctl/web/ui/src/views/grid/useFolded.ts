/** Which groups of a DAG are folded; this browser remembers it. */

import { useState } from "react";

function read(key: string): Set<string> {
  try {
    return new Set(JSON.parse(localStorage.getItem(key) ?? "[]") as string[]);
  } catch {
    return new Set();
  }
}

export function useFolded(dagId: string): [ReadonlySet<string>, (folded: Set<string>) => void] {
  const key = `flowctl.folded.${dagId}`;
  const [state, setState] = useState(() => ({ key, folded: read(key) }));
  const current = state.key === key ? state.folded : read(key);
  return [
    current,
    (folded) => {
      localStorage.setItem(key, JSON.stringify([...folded]));
      setState({ key, folded });
    },
  ];
}
