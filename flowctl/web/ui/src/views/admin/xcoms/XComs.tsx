/** What tasks left for each other, of all DAGs; long values are folded, secrets masked. */

import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { client, type Schemas } from "@/api/client";
import { ListPage } from "@/parts/ListPage";
import { SearchField } from "@/parts/SearchField";
import { useText, useWords } from "@/text/text";
import { Moment } from "@/time/useMoment";
import css from "../admin.module.css";
import { type Filters, filtersOf, line, PARTS, readable } from "./filters";
import { words } from "./words";

type Row = Schemas["XComRow"];

export function XComs() {
  const text = useWords(words);
  const { nav } = useText();
  const filters = useSearch({ strict: false, select: filtersOf, structuralSharing: true });
  const navigate = useNavigate();
  const set = (next: Filters) =>
    void navigate({ to: ".", search: filtersOf(next) as never, replace: true });
  const names = { dag_id: text.dag, run_id: text.run, task_id: text.task, key: text.key };
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <ListPage<Row>
      title={nav.xcoms}
      queryKey={["xcoms", filters]}
      empty={isFiltered ? text.noMatch : text.empty}
      keyOf={(row) => [row.dag_id, row.dag_run_id, row.task_id, row.map_index, row.key].join(" ")}
      read={async (page) => {
        const query = { ...page, dag_id: "", run_id: "", task_id: "", key: "", ...filters };
        const { data } = await client.GET("/ui/xcoms", { params: { query } });
        return { rows: data?.xcoms ?? [], total: data?.total_entries ?? 0 };
      }}
      above={
        <search className={css.inline}>
          {PARTS.map((name) => (
            <SearchField
              key={name}
              label={text.filter(names[name])}
              value={filters[name] ?? ""}
              onChange={(value) => set({ ...filters, [name]: value })}
            />
          ))}
        </search>
      }
      columns={[
        { name: text.when, cell: (row) => <Moment at={row.timestamp} /> },
        {
          name: text.dag,
          cell: (row) => (
            <Link to="/dags/$dagId" params={{ dagId: row.dag_id }}>
              {row.dag_id}
            </Link>
          ),
        },
        {
          name: text.run,
          cell: (row) => (
            <Link to="/dags/$dagId" params={{ dagId: row.dag_id }} search={{ run: row.dag_run_id }}>
              {row.dag_run_id}
            </Link>
          ),
        },
        { name: text.task, cell: (row) => <TaskLink row={row} /> },
        { name: text.key, cell: (row) => <code>{row.key}</code> },
        { name: text.value, cell: (row) => <Value row={row} /> },
      ]}
    />
  );
}

function TaskLink({ row }: { row: Row }) {
  return (
    <Link
      to="/dags/$dagId"
      params={{ dagId: row.dag_id }}
      search={{
        run: row.dag_run_id,
        task: row.task_id,
        panel: "xcom",
        ...(row.map_index < 0 ? {} : { map: row.map_index }),
      }}
    >
      {row.task_id}
      {row.map_index >= 0 && ` [${row.map_index}]`}
    </Link>
  );
}

function Value({ row }: { row: Row }) {
  const text = useWords(words);
  const short = line(row.value);
  if (!short.isLong) return <code>{row.value}</code>;
  return (
    <details className={css.fold}>
      <summary>
        <code>{short.text} …</code>
      </summary>
      <pre>{readable(row.value)}</pre>
      {row.is_cut && <small>{text.cut}</small>}
    </details>
  );
}
