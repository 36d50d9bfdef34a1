/** The instances of a mapped task, those that failed first. */

import { useState } from "react";
import { api } from "@/api/client";
import { Button } from "@/parts/Button";
import { Failure } from "@/parts/Notice";
import { StateMark } from "@/parts/StateMark";
import { useText, useWords } from "@/text/text";
import { duration } from "@/time/moments";
import { SEVERITY } from "@/parts/severity";
import { useDeed } from "@/views/actions/deeds";
import { useSelection } from "@/views/dag/selection";
import css from "./panels.module.css";
import { words } from "./words";

const PAGE = 100;

export function Instances({ dagId, run, task }: { dagId: string; run: string; task: string }) {
  const text = useWords(words);
  const shared = useText();
  const [, select] = useSelection();
  const deed = useDeed();
  const [state, setState] = useState("");
  const [pages, setPages] = useState(1);
  const found = api.useQuery(
    "get",
    "/dags/{dag_id}/dagRuns/{dag_run_id}/taskInstances/{task_id}/listMapped",
    {
      params: {
        path: { dag_id: dagId, dag_run_id: run, task_id: task },
        query: { limit: PAGE * pages, ...(state ? { state: [state] } : {}) },
      },
    },
  );
  if (found.isError) return <Failure error={found.error} />;
  const total = found.data?.total_entries ?? 0;
  const rank = (name: string | null) => SEVERITY.indexOf(name ?? "none");
  const rows = [...(found.data?.task_instances ?? [])].sort(
    (a, b) => rank(a.state) - rank(b.state) || a.map_index - b.map_index,
  );
  return (
    <div className={css.body}>
      <div className={css.deeds}>
        <strong>{text.instances(total)}</strong>
        <select
          aria-label={text.rows.state}
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          <option value="">{text.backToAll}</option>
          {SEVERITY.map((name) => (
            <option key={name} value={name}>
              {shared.states[name]}
            </option>
          ))}
        </select>
        <Button onClick={() => deed({ kind: "clear", targets: [{ run, tasks: [task] }] })}>
          {text.clear}
        </Button>
      </div>
      <ul>
        {rows.map((one) => (
          <li key={one.map_index}>
            <button
              type="button"
              className={css.instance}
              onClick={() => select({ map: one.map_index, try: undefined })}
            >
              <span>{one.rendered_map_index ?? `[${one.map_index}]`}</span>
              <StateMark state={one.state} />
              <span>{one.duration === null ? "" : duration(one.duration)}</span>
            </button>
          </li>
        ))}
      </ul>
      {rows.length < total && (
        <Button onClick={() => setPages(pages + 1)}>{shared.ask.more}</Button>
      )}
    </div>
  );
}
