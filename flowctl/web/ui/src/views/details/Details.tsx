/** What a DAG is: its documentation, schedule, limits, params, tasks and next runs. */

import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense } from "react";
import { type Column, DataTable } from "@/parts/DataTable";
import { Failure } from "@/parts/Notice";
import { useSettings } from "@/settings/settings";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import type { Param } from "@/views/actions/params";
import { type Dag, useDag, useDagId } from "@/views/dag/useDag";
import { inWords } from "./cron";
import css from "./details.module.css";
import { expressionOf, keptOf, spanOf, typeOf } from "./facts";
import { NextRuns } from "./NextRuns";
import { Tasks } from "./Tasks";
import { words } from "./words";

const Docs = lazy(async () => ({ default: (await import("./Docs")).Docs }));

export function Details() {
  const dagId = useDagId();
  const found = useDag(dagId);
  if (found.isError) return <Failure error={found.error} retry={() => void found.refetch()} />;
  if (!found.data) return null;
  return <Of dag={found.data} />;
}

function Of({ dag }: { dag: Dag }) {
  const text = useWords(words);
  return (
    <div className={css.page}>
      <Section title={text.docs} isWide>
        {dag.doc_md ? (
          <Suspense>
            <Docs markdown={dag.doc_md} />
          </Suspense>
        ) : (
          <p className={css.faint}>{text.noDocs}</p>
        )}
      </Section>
      <About dag={dag} />
      <Schedule dag={dag} />
      <Limits dag={dag} />
      <Section title={text.next}>
        <NextRuns dag={dag} />
      </Section>
      <Section title={text.params} isWide>
        <Params dag={dag} />
      </Section>
      <Section title={text.taskList} isWide>
        <Tasks dagId={dag.dag_id} />
      </Section>
    </div>
  );
}

interface SectionProps {
  title: string;
  isWide?: boolean;
  children: ReactNode;
}

function Section({ title, isWide = false, children }: SectionProps) {
  return (
    <section className={css.section} data-wide={isWide} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Names and values; what has no value is left out. */
function Rows({ rows }: { rows: [string, ReactNode][] }) {
  return (
    <dl className={css.rows}>
      {rows
        .filter(([, value]) => value || value === 0)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function About({ dag }: { dag: Dag }) {
  const text = useWords(words);
  return (
    <Section title={text.about}>
      <Rows
        rows={[
          [text.id, <code key="id">{dag.dag_id}</code>],
          [text.description, dag.description],
          [text.owners, dag.owners.join(", ")],
          [text.tags, dag.tags.map((tag) => tag.name).join(", ")],
          [
            text.file,
            <Link
              key="file"
              to={"/dags/$dagId/code" as "/dags/$dagId"}
              params={{ dagId: dag.dag_id }}
              title={text.toCode}
            >
              {dag.fileloc}
            </Link>,
          ],
          [text.parsed, dag.last_parsed && <Moment at={dag.last_parsed} />],
        ]}
      />
    </Section>
  );
}

function Schedule({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const { ask } = useText();
  const { language } = useSettings();
  const expression = expressionOf(dag.schedule_interval);
  const said = expression ? inWords(expression, language) : undefined;
  return (
    <Section title={text.schedule}>
      <Rows
        rows={[
          [text.expression, expression ? <code key="cron">{expression}</code> : text.none],
          [
            text.words,
            said ?? (expression !== dag.timetable_description && dag.timetable_description),
          ],
          [text.zone, dag.timezone],
          [text.start, dag.start_date && <Moment at={dag.start_date} />],
          [text.end, dag.end_date && <Moment at={dag.end_date} />],
          [text.catchup, dag.catchup ? ask.yes : ask.no],
          [text.window, dag.catchup_window && spanOf(dag.catchup_window)],
          [text.overlap, text.overlaps[dag.overlap]],
          [
            text.assets,
            dag.dataset_expression ? (
              <code key="assets">{JSON.stringify(dag.dataset_expression)}</code>
            ) : null,
          ],
        ]}
      />
    </Section>
  );
}

function Limits({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const { ask } = useText();
  const is = (value: boolean) => (value ? ask.yes : ask.no);
  const { is_paused_upon_creation: paused } = dag;
  return (
    <Section title={text.limits}>
      <Rows
        rows={[
          [text.runs, dag.max_active_runs],
          [text.tasks, dag.max_active_tasks],
          [text.failures, dag.max_consecutive_failed_dag_runs || text.noLimit],
          [text.timeout, dag.dag_run_timeout ? spanOf(dag.dag_run_timeout) : text.noLimit],
          [text.perTask, is(dag.has_task_concurrency_limits)],
          [text.pausedAtFirst, paused === null ? text.settingOf : is(paused)],
          [text.native, is(dag.render_template_as_native_obj)],
          [text.orientation, dag.orientation],
          [text.keeps, keptOf(dag.retention, text)],
        ]}
      />
    </Section>
  );
}

function Params({ dag }: { dag: Dag }) {
  const text = useWords(words);
  const params = Object.entries(dag.params as Record<string, Param>);
  const columns: Column<[string, Param]>[] = [
    { name: text.name, cell: ([name]) => <code>{name}</code> },
    { name: text.type, cell: ([, { schema }]) => typeOf(schema) },
    { name: text.value, cell: ([, { value }]) => <code>{JSON.stringify(value)}</code> },
    { name: text.paramText, cell: ([, { description }]) => description },
  ];
  if (params.length === 0) return <p className={css.faint}>{text.noParams}</p>;
  return <DataTable label={text.params} rows={params} keyOf={([name]) => name} columns={columns} />;
}
