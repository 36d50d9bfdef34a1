/** The layout of a scene, made in a worker; the one before is shown until it is there. */

import { useEffect, useState } from "react";
import type { Laid, Scene } from "./model";

export interface Plan {
  scene: Scene;
  laid: Laid;
}

let worker: Worker | undefined;
let last = 0;
const waiting = new Map<number, (laid: Laid) => void>();

function begin(): Worker {
  const made = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  made.onmessage = (event: MessageEvent<{ number: number; laid: Laid }>) => {
    waiting.get(event.data.number)?.(event.data.laid);
    waiting.delete(event.data.number);
  };
  return made;
}

function ask(scene: Scene, answer: (laid: Laid) => void): () => void {
  worker ??= begin();
  last += 1;
  const number = last;
  waiting.set(number, answer);
  worker.postMessage({ number, scene });
  return () => waiting.delete(number);
}

/** Return the layout of a scene, which must be the same object until it changes; null at first. */
export function useLayout(scene: Scene | null): Plan | null {
  const [plan, setPlan] = useState<Plan | null>(null);
  useEffect(() => {
    if (!scene) return;
    const forget = ask(scene, (laid) => setPlan({ scene, laid }));
    return () => void forget();
  }, [scene]);
  return plan;
}
