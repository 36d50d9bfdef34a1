/** Lays out scenes beside the page, which stays answerable meanwhile. */

import { layout } from "./layout";
import type { Scene } from "./model";

onmessage = (event: MessageEvent<{ number: number; scene: Scene }>) => {
  postMessage({ number: event.data.number, laid: layout(event.data.scene) });
};
