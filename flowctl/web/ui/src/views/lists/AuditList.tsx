/** What was changed, by whom, from what to what; the newest first. */

import { Link } from "@tanstack/react-router";
import { client, type Schemas } from "@/api/client";
import { Button } from "@/parts/Button";
import { Folded, ListPage } from "@/parts/ListPage";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import { textIn, useKept } from "@/views/dag/kept";
import { changeOf } from "./change";
import css from "./lists.module.css";
import { words } from "./words";

type Event = Schemas["EventLog"];

interface Kept {
  event?: string | undefined;
  who?: string | undefined;
  after?: string | undefined;
}

const keptIn = ({ event, who, after }: Record<string, unknown>): Kept => ({
  event: textIn(event),
  who: textIn(who),
  after: textIn(after),
});

/** The changes of all DAGs and of everything else; or those of one DAG. */
export function AuditList({ dagId }: { dagId?: string }) {
  const text = useWords(words);
  const { nav } = useText();
  const [kept, keep] = useKept(keptIn);
  const { event, who, after } = kept;
  const isFiltered = Boolean(event || who || after);
  return (
    <ListPage<Event>
      key={JSON.stringify(kept)}
      title={nav.audit}
      queryKey={["audit", dagId, kept]}
      empty={isFiltered ? text.noChange : text.empty.audit}
      keyOf={(one) => String(one.event_log_id)}
      read={async (page) => {
        const query = {
          ...page,
          order_by: "-event_log_id",
          ...(dagId ? { dag_id: dagId } : {}),
          ...(event ? { event } : {}),
          ...(who ? { owner: who } : {}),
          ...(after ? { after: `${after}T00:00:00Z` } : {}),
        };
        const { data } = await client.GET("/eventLogs", { params: { query } });
        return { rows: data?.event_logs ?? [], total: data?.total_entries ?? 0 };
      }}
      tools={<Tools kept={kept} keep={keep} isFiltered={isFiltered} />}
      columns={[
        { name: text.when, cell: (one) => <Moment at={one.when} /> },
        {
          name: text.who,
          cell: (one) => (
            <Only value={one.owner} name={text.only} onChoose={(who) => keep({ who })} />
          ),
        },
        {
          name: text.what,
          cell: (one) => (
            <Only value={one.event} name={text.only} onChoose={(event) => keep({ event })} />
          ),
        },
        { name: text.about, cell: (one) => <About event={one} isOfOne={Boolean(dagId)} /> },
        { name: text.details, cell: (one) => <Change extra={one.extra} /> },
      ]}
    />
  );
}

interface ToolsProps {
  kept: Kept;
  keep: (next: Kept) => void;
  isFiltered: boolean;
}

function Tools({ kept, keep, isFiltered }: ToolsProps) {
  const text = useWords(words);
  return (
    <form
      key={JSON.stringify(kept)}
      className={css.tools}
      onSubmit={(event) => {
        event.preventDefault();
        const put = new FormData(event.currentTarget);
        const of = (name: string) => String(put.get(name) ?? "").trim() || undefined;
        keep({ who: of("who"), event: of("event"), after: of("after") });
      }}
    >
      <input name="who" aria-label={text.who} placeholder={text.who} defaultValue={kept.who} />
      <input
        name="event"
        aria-label={text.what}
        placeholder={text.whatHint}
        defaultValue={kept.event}
      />
      <input name="after" type="date" aria-label={text.since} defaultValue={kept.after} />
      <Button type="submit">{text.filter}</Button>
      {isFiltered && (
        <Button
          look="quiet"
          onClick={() => keep({ who: undefined, event: undefined, after: undefined })}
        >
          {text.showAll}
        </Button>
      )}
    </form>
  );
}

interface OnlyProps {
  value: string | null;
  name: (value: string) => string;
  onChoose: (value: string) => void;
}

/** A value that, when it is chosen, becomes a filter. */
function Only({ value, name, onChoose }: OnlyProps) {
  if (!value) return null;
  return (
    <button type="button" className={css.only} title={name(value)} onClick={() => onChoose(value)}>
      {value}
    </button>
  );
}

/** What was changed; a run or task leads there. */
function About({ event, isOfOne }: { event: Event; isOfOne: boolean }) {
  const { dag_id, run_id, task_id, map_index } = event;
  const parts = [isOfOne ? null : dag_id, run_id, task_id].filter(Boolean);
  const words = `${parts.join(" · ")}${(map_index ?? -1) >= 0 ? ` [${map_index}]` : ""}`;
  if (!dag_id || parts.length === 0) return words;
  const search = { ...(run_id ? { run: run_id } : {}), ...(task_id ? { task: task_id } : {}) };
  return (
    <Link to="/dags/$dagId" params={{ dagId: dag_id }} search={search}>
      {words}
    </Link>
  );
}

function Change({ extra }: { extra: string | null }) {
  const change = changeOf(extra);
  if (!change.moved && !change.rest) return null;
  return (
    <div className={css.change}>
      {change.moved && (
        <div className={css.moved}>
          <del>{change.moved.before}</del> → <ins>{change.moved.after}</ins>
        </div>
      )}
      {change.rest && <Folded summary={change.rest.slice(0, 60)}>{change.rest}</Folded>}
    </div>
  );
}
