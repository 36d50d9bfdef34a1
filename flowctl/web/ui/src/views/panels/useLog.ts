/** A log as it is read: from its end, further where one scrolls, and on while it grows. */

import { useEffect, useState } from "react";
import { client, type Schemas } from "@/api/client";
import {
  growsOn,
  HELD_MAX,
  type Held,
  held,
  type Piece,
  WHOLE_BYTES,
  withNewer,
  withOlder,
} from "./pager";

export interface LogOf {
  dagId: string;
  run: string;
  task: string;
  map: number;
  tryNumber: number;
}

type Asked = { after?: number; before?: number; limit?: number; contains?: string };

const AGAIN_MS = 700;
const PAGE = 2_000;

export interface Read {
  held?: Held;
  error?: unknown;
}

/** Reads one log; one question at a time, so that what is held has no gaps. */
export class Reader {
  private held: Held | undefined;
  private readonly stopped = new AbortController();
  private isAsking = false;

  constructor(
    private readonly log: LogOf,
    private readonly tell: (read: Read) => void,
  ) {}

  stop(): void {
    this.stopped.abort();
  }

  /** Read the end; what is small is read as a whole. */
  readonly toEnd = () =>
    this.work(async () => {
      this.hold(held(await this.ask({})));
      while (this.isSmall()) {
        const { start } = this.held as Held;
        this.hold(withOlder(this.held as Held, await this.ask({ before: start })));
      }
    });

  readonly toBegin = () => this.work(async () => this.hold(held(await this.ask({ after: 0 }))));

  readonly older = () =>
    this.work(async () => {
      if (this.held && this.held.start > 0)
        this.hold(withOlder(this.held, await this.ask({ before: this.held.start })));
    });

  /** Read what follows, also what was written since. */
  readonly newer = () =>
    this.work(async () => {
      if (!this.held || this.held.is_last) return;
      const piece = await this.ask({ after: this.held.end });
      if (piece.lines.length > 0 || piece.is_last) this.hold(withNewer(this.held, piece));
    });

  /** Find a text after a place, or before it, and read what is around it; return its place. */
  async find(text: string, from: { after: number } | { before: number }): Promise<number | null> {
    let place = null as number | null;
    await this.work(async () => {
      let asked: Asked = { ...from, limit: 1, contains: text };
      for (;;) {
        const piece = await this.ask(asked);
        const isBack = asked.before !== undefined;
        place = piece.lines[0]?.start ?? null;
        if (place !== null || (isBack ? piece.start <= 0 : piece.end >= piece.size)) break;
        asked = { ...asked, ...(isBack ? { before: piece.start } : { after: piece.end }) };
      }
      if (place === null) return;
      const around = held(await this.ask({ after: place }));
      this.hold(withOlder(around, await this.ask({ before: place, limit: PAGE / 4 })));
    });
    return place;
  }

  private isSmall(): boolean {
    const { start, size, lines } = this.held as Held;
    return start > 0 && size <= WHOLE_BYTES && lines.length < HELD_MAX;
  }

  private hold(next: Held): void {
    this.held = next;
    if (!this.stopped.signal.aborted) this.tell({ held: next });
  }

  private async work(deed: () => Promise<void>): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    await deed().catch((error: unknown) => {
      if (!this.stopped.signal.aborted) this.tell({ error });
    });
    this.isAsking = false;
  }

  private async ask(asked: Asked): Promise<Piece> {
    const { dagId, run, task, map, tryNumber } = this.log;
    const { data } = await client.GET(
      "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/logs/{task_try_number}/lines",
      {
        params: {
          path: { dag_id: dagId, dag_run_id: run, task_id: task, task_try_number: tryNumber },
          query: { map_index: map, limit: PAGE, ...asked },
        },
        signal: this.stopped.signal,
      },
    );
    return data as Schemas["LogLines"];
  }
}

/** Read a log, and go on while it grows. */
export function useLog(log: LogOf): Read & { reader: Reader | undefined } {
  const key = JSON.stringify(log);
  const [state, setState] = useState<{ key: string; reader: Reader; read: Read }>();
  useEffect(() => {
    const reader = new Reader(JSON.parse(key) as LogOf, (read) => setState({ key, reader, read }));
    void reader.toEnd();
    return () => reader.stop();
  }, [key]);
  const mine = state?.key === key ? state : undefined;
  const reader = mine?.reader;
  const grows = mine?.read.held ? growsOn(mine.read.held) : false;
  useEffect(() => {
    if (!reader || !grows) return;
    const timer = setInterval(() => void reader.newer(), AGAIN_MS);
    return () => clearInterval(timer);
  }, [reader, grows]);
  return { ...mine?.read, reader };
}
