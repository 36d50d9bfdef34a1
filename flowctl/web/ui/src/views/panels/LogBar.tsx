/** Above a log: search in it, the way to its error and its ends, how it is shown, download. */

import {
  ArrowDownToLine,
  ChevronsDown,
  ChevronsUp,
  CircleAlert,
  Download,
  WrapText,
} from "lucide-react";
import { API } from "@/base";
import { Button, IconButton } from "@/parts/Button";
import { useWords } from "@/text/text";
import css from "./panels.module.css";
import type { LogOf } from "./useLog";
import { words } from "./words";

interface Props {
  log: LogOf;
  wanted: string;
  onWanted: (text: string) => void;
  onMove: (isBack: boolean) => void;
  /** How the search went. */
  said: string | false;
  jump: (() => void) | undefined;
  /** The number of the line with the first error. */
  error: number | undefined;
  /** Of a log that is not held as a whole: which part is, and the way to its ends. */
  ends: { part: string; begin: () => void; end: () => void } | undefined;
  doesFollow: boolean;
  setFollow: (does: boolean) => void;
  doesWrap: boolean;
  setWrap: (does: boolean) => void;
}

export function LogBar(props: Props) {
  const text = useWords(words);
  const { log, said, jump, error, ends, doesFollow, doesWrap } = props;
  return (
    <div className={css.logBar}>
      <input
        type="search"
        aria-label={text.search}
        placeholder={text.search}
        value={props.wanted}
        onChange={(event) => props.onWanted(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") props.onMove(event.shiftKey);
        }}
      />
      {said && <span role="status">{said}</span>}
      {jump && (
        <Button look="quiet" title={error ? text.errorAt(error) : text.jump} onClick={jump}>
          <CircleAlert size={14} aria-hidden="true" /> {text.jump}
        </Button>
      )}
      <span className={css.space} />
      {ends && (
        <>
          <span className={css.part}>{ends.part}</span>
          <IconButton label={text.toBegin} onClick={ends.begin}>
            <ChevronsUp size={14} />
          </IconButton>
          <IconButton label={text.toEnd} onClick={ends.end}>
            <ChevronsDown size={14} />
          </IconButton>
        </>
      )}
      <IconButton
        label={text.follow}
        aria-pressed={doesFollow}
        onClick={() => props.setFollow(!doesFollow)}
      >
        <ArrowDownToLine size={14} />
      </IconButton>
      <IconButton
        label={text.wrap}
        aria-pressed={doesWrap}
        onClick={() => props.setWrap(!doesWrap)}
      >
        <WrapText size={14} />
      </IconButton>
      <a
        href={addressOf(log)}
        download={`${log.task}.log`}
        aria-label={text.download}
        title={text.download}
      >
        <Download size={14} />
      </a>
    </div>
  );
}

function addressOf({ dagId, run, task, map, tryNumber }: LogOf): string {
  const [dag, at, of] = [dagId, run, task].map(encodeURIComponent);
  return `${API}/dags/${dag}/dagRuns/${at}/taskInstances/${of}/logs/${tryNumber}?map_index=${map}`;
}
