/** What changed between two versions: the DAG, its tasks, and the lines of its file. */

import { useMemo } from "react";
import { api, type Schemas } from "@/api/client";
import { Line } from "@/parts/code/Code";
import { linesOf, type Token } from "@/parts/code/python";
import { Failure } from "@/parts/Notice";
import { useWords } from "@/text/text";
import css from "./code.module.css";
import { countsOf, type DiffRow, rowsOf } from "./diff";
import { words } from "./words";

type Diff = Schemas["VersionDiff"];

interface Props {
  dagId: string;
  since: number;
  number: number;
}

export function Changes({ dagId, since, number }: Props) {
  const text = useWords(words);
  const params = { path: { dag_id: dagId, number }, query: { since } };
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/versions/{number}/diff",
    { params },
    { staleTime: Number.POSITIVE_INFINITY, meta: { live: "own" } },
  );
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  return (
    <div className={css.changes}>
      <h2>{text.changes(since, number)}</h2>
      <Spec diff={found.data} />
      {found.data.source === null && <p>{text.tooLong}</p>}
      {found.data.source === "" && <p>{text.sameSource}</p>}
      {found.data.source && <Lines dagId={dagId} diff={found.data} source={found.data.source} />}
    </div>
  );
}

const SIGNS = { added: "+", removed: "−", changed: "~" };

function Spec({ diff }: { diff: Diff }) {
  const text = useWords(words);
  if (diff.fields.length + diff.tasks.length === 0) return <p>{text.sameSpec}</p>;
  return (
    <ul className={css.spec} aria-label={text.tasks}>
      {diff.fields.length > 0 && (
        <li data-change="changed">
          <span className={css.sign}>{SIGNS.changed}</span>
          <strong>{text.ofDag}</strong>
          <Fields names={diff.fields} />
        </li>
      )}
      {diff.tasks.map((task) => (
        <li key={task.task_id} data-change={task.change}>
          <span className={css.sign} aria-hidden="true">
            {SIGNS[task.change]}
          </span>
          <strong>{task.task_id}</strong>
          <span className={css.change}>{text.change[task.change]}</span>
          <Fields names={task.fields} />
        </li>
      ))}
    </ul>
  );
}

function Fields({ names }: { names: readonly string[] }) {
  return names.map((name) => <code key={name}>{name}</code>);
}

/** The tokens of a whole source: a line inside a long string is not understood alone. */
function useTokens(dagId: string, number: number): Token[][] | undefined {
  const { data } = api.useQuery(
    "get",
    "/dags/{dag_id}/versions/{number}/source",
    { params: { path: { dag_id: dagId, number } } },
    { staleTime: Number.POSITIVE_INFINITY, meta: { live: "own" } },
  );
  return useMemo(() => data && linesOf(data.content), [data]);
}

function Lines({ dagId, diff, source }: { dagId: string; diff: Diff; source: string }) {
  const text = useWords(words);
  const rows = useMemo(() => rowsOf(source), [source]);
  const before = useTokens(dagId, diff.since);
  const after = useTokens(dagId, diff.number);
  const counts = countsOf(rows);
  const tokens = ({ kind, old, new: now, text }: DiffRow) => {
    const line = kind === "removed" ? before?.[(old ?? 0) - 1] : after?.[(now ?? 0) - 1];
    return line ?? [{ kind: "plain" as const, text }];
  };
  return (
    <>
      <p>{text.lines(counts.added, counts.removed)}</p>
      <div className={css.diff} role="region" tabIndex={0} aria-label={text.diff}>
        <table>
          <tbody>
            {rows.map((row, at) => (
              <Row key={at} row={row} tokens={tokens(row)} />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({ row, tokens }: { row: DiffRow; tokens: readonly Token[] }) {
  const text = useWords(words);
  if (row.kind === "gap")
    return (
      <tr className={css.gap}>
        <td colSpan={4}>
          <span className="visually-hidden">{text.gap}</span>⋯
        </td>
      </tr>
    );
  const said = { added: text.came, removed: text.went, same: "" }[row.kind];
  return (
    <tr data-change={row.kind}>
      <td className={css.number}>{row.old}</td>
      <td className={css.number}>{row.new}</td>
      <td className={css.sign}>
        <span aria-hidden="true">{{ added: "+", removed: "−", same: "" }[row.kind]}</span>
        {said && <span className="visually-hidden">{said}</span>}
      </td>
      <td>
        <code>
          <Line tokens={tokens} />
        </code>
      </td>
    </tr>
  );
}
