/** The files that could not be imported, above everything else; each opens to its trace. */

import { api } from "@/api/client";
import { Notice } from "@/parts/Notice";
import { useMay } from "@/shell/session";
import { useWords } from "@/text/text";
import css from "./dags.module.css";
import { words } from "./words";

const LOOK_EVERY_MS = 5_000;
const SHOWN = 20;

export function ImportErrors() {
  const text = useWords(words);
  const may = useMay()("can_read", "ImportError");
  const found = api.useQuery(
    "get",
    "/importErrors",
    { params: { query: { limit: SHOWN } } },
    { enabled: may, refetchInterval: LOOK_EVERY_MS },
  );
  if (!found.data || found.data.total_entries === 0) return null;
  return (
    <Notice>
      <p>
        <b>{text.broken(found.data.total_entries)}</b>
      </p>
      {found.data.import_errors.map((error) => (
        <details key={error.import_error_id} className={css.error}>
          <summary>
            <code>{error.filename}</code> {lastLine(error.stack_trace)}
          </summary>
          <pre>{error.stack_trace}</pre>
        </details>
      ))}
    </Notice>
  );
}

function lastLine(trace: string): string {
  return trace.trimEnd().split("\n").at(-1) ?? "";
}
