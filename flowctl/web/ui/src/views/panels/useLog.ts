/** The lines of a try's log: read piece by piece, and on while it grows. */

import { useEffect, useState } from "react";
import { client, type Schemas } from "@/api/client";
import { extended } from "./lines";

export interface LogOf {
  dagId: string;
  run: string;
  task: string;
  map: number;
  tryNumber: number;
}

const AGAIN_MS = 700;

interface Read {
  key: string;
  lines: string[];
  /** Whether the end that is there now was reached. */
  isRead: boolean;
  error?: unknown;
}

export function useLog(log: LogOf, isGrowing: boolean): Read {
  const key = JSON.stringify(log);
  const [read, setRead] = useState<Read>({ key, lines: [], isRead: false });
  useEffect(() => follow(key, isGrowing, setRead), [key, isGrowing]);
  return read.key === key ? read : { key, lines: [], isRead: false };
}

function follow(key: string, isGrowing: boolean, tell: (read: Read) => void): () => void {
  const stop = new AbortController();
  void (async () => {
    let [token, lines] = ["0", [""] as string[]];
    while (!stop.signal.aborted) {
      const piece = await pieceOf(JSON.parse(key) as LogOf, token, stop.signal);
      if (piece.content) lines = extended(lines, piece.content);
      const isRead = piece.continuation_token === token;
      token = piece.continuation_token;
      tell({ key, lines, isRead });
      if (isRead && !isGrowing) return;
      if (isRead) await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) tell({ key, lines: [], isRead: true, error });
  });
  return () => stop.abort();
}

async function pieceOf(
  log: LogOf,
  token: string,
  signal: AbortSignal,
): Promise<Schemas["LogPiece"]> {
  const { data } = await client.GET(
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number}",
    {
      params: {
        path: {
          dag_id: log.dagId,
          dag_run_id: log.run,
          task_id: log.task,
          task_try_number: log.tryNumber,
        },
        query: { map_index: log.map, token },
      },
      headers: { Accept: "application/json" },
      signal,
    },
  );
  return data as Schemas["LogPiece"];
}
