/** The source of a DAG in each of its versions, and what changed between two of them. */

import { Link } from "@tanstack/react-router";
import { Copy } from "lucide-react";
import { api, type Schemas } from "@/api/client";
import { Source } from "@/parts/code/Code";
import { Button, IconButton } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { said } from "@/parts/toasts";
import { useText, useWords } from "@/text/text";
import { useMoment } from "@/time/useMoment";
import { numberIn, textIn, useKept } from "@/views/dag/kept";
import { useDagId } from "@/views/dag/useDag";
import { Changes } from "./Changes";
import css from "./code.module.css";
import { words } from "./words";

type Version = Schemas["Version"];

interface Chosen {
  version?: number | undefined;
  since?: number | undefined;
  run?: string | undefined;
}

/** A file that is read again tells nobody: one looks. */
const LOOK_MS = 5_000;

const chosenIn = (search: Record<string, unknown>): Chosen => ({
  version: numberIn(search.version),
  since: numberIn(search.since),
  run: textIn(search.run),
});

export function Code() {
  const dagId = useDagId();
  const path = { dag_id: dagId };
  const [chosen, choose] = useKept(chosenIn);
  const list = api.useQuery(
    "get",
    "/dags/{dag_id}/versions",
    { params: { path } },
    { refetchInterval: LOOK_MS },
  );
  const states = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/states",
    { params: { path: { ...path, dag_run_id: chosen.run ?? "" } } },
    { enabled: Boolean(chosen.run) && !chosen.version },
  );
  const versions = list.data?.versions ?? [];
  const isKnown = Boolean(chosen.version) || !chosen.run || !states.isPending;
  const number = chosen.version ?? states.data?.version ?? versions[0]?.number;
  if (list.isError) return <Failure error={list.error} retry={() => void list.refetch()} />;
  if (!number || !isKnown) return null;
  return (
    <div className={css.page}>
      <Tools {...{ versions, number, chosen, choose }} />
      <OfRun {...{ dagId, number, chosen, choose }} newest={versions[0]?.number ?? number} />
      {chosen.since && chosen.since !== number ? (
        <Changes dagId={dagId} since={chosen.since} number={number} />
      ) : (
        <Whole dagId={dagId} number={number} file={fileOf(versions, number)} />
      )}
    </div>
  );
}

function fileOf(versions: readonly Version[], number: number): string {
  return versions.find((one) => one.number === number)?.file ?? "";
}

interface ToolsProps {
  versions: Version[];
  number: number;
  chosen: Chosen;
  choose: (next: Chosen) => void;
}

function Tools({ versions, number, chosen, choose }: ToolsProps) {
  const text = useWords(words);
  const worded = useMoment();
  const named = ({ number, created_at }: Version) => text.named(number, worded(created_at));
  return (
    <div className={css.tools}>
      <label>
        {text.version}
        <select
          value={number}
          onChange={(event) => choose({ version: Number(event.target.value) })}
        >
          {versions.map((one, at) => (
            <option key={one.number} value={one.number}>
              {at === 0 ? text.current(named(one)) : named(one)}
            </option>
          ))}
        </select>
      </label>
      {versions.length > 1 && (
        <label>
          {text.since}
          <select
            value={chosen.since ?? ""}
            onChange={(event) =>
              choose({ since: Number(event.target.value) || undefined, version: number })
            }
          >
            <option value="">{text.sinceNone}</option>
            {versions
              .filter((one) => one.number !== number)
              .map((one) => (
                <option key={one.number} value={one.number}>
                  {named(one)}
                </option>
              ))}
          </select>
        </label>
      )}
      <code className={css.file}>{fileOf(versions, number)}</code>
    </div>
  );
}

interface OfRunProps {
  dagId: string;
  number: number;
  newest: number;
  chosen: Chosen;
  choose: (next: Chosen) => void;
}

/** Which run this is the code of, and whether the DAG went on since. */
function OfRun({ dagId, number, newest, chosen, choose }: OfRunProps) {
  const text = useWords(words);
  const isOfRun = Boolean(chosen.run) && !chosen.version;
  if (!isOfRun && number === newest) return null;
  return (
    <p className={css.about}>
      {isOfRun && chosen.run && (
        <>
          {text.ofRun(chosen.run)}{" "}
          <Link to="/dags/$dagId" params={{ dagId }} search={{ run: chosen.run }}>
            {text.toRun}
          </Link>
        </>
      )}
      {number < newest && (
        <>
          {" "}
          {text.newer(newest)}{" "}
          <Button
            look="quiet"
            className={css.inline ?? ""}
            onClick={() => choose({ version: newest, since: undefined })}
          >
            {text.showNewest}
          </Button>
        </>
      )}
    </p>
  );
}

function Whole({ dagId, number, file }: { dagId: string; number: number; file: string }) {
  const text = useWords(words);
  const { copied } = useText().ask;
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/versions/{number}/source",
    { params: { path: { dag_id: dagId, number } } },
    { staleTime: Number.POSITIVE_INFINITY, meta: { live: "own" } },
  );
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  const { content } = found.data;
  return (
    <div className={css.whole}>
      <IconButton
        label={text.copy}
        className={css.copy ?? ""}
        onClick={() => void navigator.clipboard.writeText(content).then(() => said(copied))}
      >
        <Copy size={16} />
      </IconButton>
      <Source label={text.source(file, number)} source={content} />
    </div>
  );
}
