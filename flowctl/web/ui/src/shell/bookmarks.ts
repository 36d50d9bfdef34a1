/** Where Airflow's addresses lead here: people have them in bookmarks, mails and handbooks.
 *
 * Both of Airflow 2 and of Airflow 3. An address that names a run by its date leads to the DAG.
 */

type Known = Record<string, unknown>;

export interface Place {
  to: string;
  params: { dagId?: string };
  search: Known;
}

interface Row {
  /** The address there; `:name` stands for any part. */
  from: string;
  to: string;
  search?: (known: Known) => Known;
}

const DAG = "/dags/$dagId";

const PANELS: Known = {
  logs: "log",
  details: "details",
  xcom: "xcom",
  rendered_templates: "rendered",
};

/** What is chosen on the page of a DAG. */
function chosen({ dag_run_id, run_id, task_id, map_index, tab }: Known): Known {
  const run = dag_run_id ?? run_id;
  const map = Number(map_index) >= 0 ? Number(map_index) : undefined;
  return given({ run, task: task_id, map, panel: PANELS[String(tab)] });
}

/** The chosen part of a task's page. */
const shows = (panel: string) => (known: Known) => ({ ...chosen(known), panel });

/** The filters of a list of Airflow 2 are `_flt_<how>_<column>`. */
function filtered(known: Known): Known {
  const found: Known = {};
  for (const [name, value] of Object.entries(known)) {
    const column = /^_flt_\d+_(\w+)$/.exec(name)?.[1];
    if (column) found[column] = value;
  }
  return { ...known, ...found };
}

function listed(known: Known): Known {
  const { task_id, run_id, dag_run_id, dag_id, state, pool } = filtered(known);
  return given({ search: task_id ?? run_id ?? dag_run_id ?? dag_id, state, pool });
}

function named(known: Known): Known {
  const { dag_id, run_id, task_id, key } = filtered(known);
  return given({ dag_id, run_id, task_id, key });
}

function homed({ search, tags, status, lastrun }: Known): Known {
  const tag = Array.isArray(tags) ? tags[0] : tags;
  const show = status === "active" || status === "paused" ? status : undefined;
  return given({ search, tag, show, state: lastrun });
}

const added = () => ({ add: true });

const ROWS: Row[] = [
  { from: "/home", to: "/dags", search: homed },
  { from: "/login", to: "/dags" },
  { from: "/dags/:dag_id/grid", to: DAG, search: chosen },
  { from: "/dags/:dag_id/tree", to: DAG, search: chosen },
  { from: "/dags/:dag_id/graph", to: `${DAG}/graph`, search: chosen },
  { from: "/dags/:dag_id/gantt", to: `${DAG}/gantt`, search: chosen },
  { from: "/dags/:dag_id/code", to: `${DAG}/code` },
  { from: "/dags/:dag_id/details", to: `${DAG}/details` },
  { from: "/dags/:dag_id/calendar", to: `${DAG}/calendar` },
  { from: "/dags/:dag_id/duration", to: `${DAG}/durations` },
  { from: "/dags/:dag_id/landing-times", to: `${DAG}/durations` },
  { from: "/dags/:dag_id/tries", to: `${DAG}/durations` },
  { from: "/dags/:dag_id/audit_log", to: `${DAG}/audit` },
  { from: "/dags/:dag_id/events", to: `${DAG}/audit` },
  { from: "/dags/:dag_id/runs", to: "/runs", search: listed },
  { from: "/dags/:dag_id/runs/:run_id", to: DAG, search: chosen },
  { from: "/dags/:dag_id/runs/:run_id/tasks/:task_id", to: DAG, search: chosen },
  { from: "/dags/:dag_id/runs/:run_id/tasks/:task_id/:tab", to: DAG, search: chosen },
  { from: "/dags/:dag_id/runs/:run_id/tasks/:task_id/mapped/:map_index", to: DAG, search: chosen },
  { from: "/dags/:dag_id/tasks", to: `${DAG}/details` },
  { from: "/dags/:dag_id/tasks/:task_id", to: "/tasks", search: listed },
  { from: "/dags/:dag_id", to: DAG, search: chosen },
  { from: "/tree", to: DAG, search: chosen },
  { from: "/graph", to: `${DAG}/graph`, search: chosen },
  { from: "/gantt", to: `${DAG}/gantt`, search: chosen },
  { from: "/code", to: `${DAG}/code` },
  { from: "/dag_details", to: `${DAG}/details` },
  { from: "/calendar", to: `${DAG}/calendar` },
  { from: "/duration", to: `${DAG}/durations` },
  { from: "/landing_times", to: `${DAG}/durations` },
  { from: "/log", to: DAG, search: shows("log") },
  { from: "/task", to: DAG, search: shows("details") },
  { from: "/xcom", to: DAG, search: shows("xcom") },
  { from: "/rendered-templates", to: DAG, search: shows("rendered") },
  { from: "/dagrun/list", to: "/runs", search: listed },
  { from: "/dag_runs", to: "/runs", search: listed },
  { from: "/taskinstance/list", to: "/tasks", search: listed },
  { from: "/task_instances", to: "/tasks", search: listed },
  { from: "/xcom/list", to: "/xcoms", search: named },
  { from: "/job/list", to: "/jobs" },
  { from: "/log/list", to: "/audit" },
  { from: "/events", to: "/audit" },
  { from: "/dag-dependencies", to: "/dependencies" },
  { from: "/datasets", to: "/assets" },
  { from: "/cluster_activity", to: "/cluster" },
  { from: "/connection/list", to: "/admin/connections" },
  { from: "/connection/add", to: "/admin/connections", search: added },
  { from: "/connections", to: "/admin/connections" },
  { from: "/variable/list", to: "/admin/variables" },
  { from: "/variable/add", to: "/admin/variables", search: added },
  { from: "/variables", to: "/admin/variables" },
  { from: "/pool/list", to: "/admin/pools" },
  { from: "/pool/add", to: "/admin/pools", search: added },
  { from: "/pools", to: "/admin/pools" },
  { from: "/configuration", to: "/admin/config" },
  { from: "/configs", to: "/admin/config" },
  { from: "/plugin", to: "/admin/plugins" },
  { from: "/plugins", to: "/admin/plugins" },
  { from: "/provider", to: "/admin/providers" },
  { from: "/providers", to: "/admin/providers" },
  { from: "/users/list", to: "/admin/users" },
  { from: "/users/userinfo", to: "/account" },
  { from: "/roles/list", to: "/admin/roles" },
];

/** On the page of a DAG in Airflow 2 the view is a parameter. */
const VIEWS: Record<string, string> = {
  graph: `${DAG}/graph`,
  gantt: `${DAG}/gantt`,
  code: `${DAG}/code`,
  calendar: `${DAG}/calendar`,
  run_duration: `${DAG}/durations`,
  event_log: `${DAG}/audit`,
  audit_log: `${DAG}/audit`,
};

function given(found: Known): Known {
  return Object.fromEntries(
    Object.entries(found).filter(([, value]) => value !== undefined && value !== ""),
  );
}

/** Say where an address of Airflow leads here, or undefined when it is none.
 *
 * @param path without the path of `base_url`, as it stands in the address
 */
export function placeOf(path: string, search: Known): Place | undefined {
  const parts = path.replace(/\/+$/, "").split("/");
  for (const row of ROWS) {
    const found = matched(row.from.split("/"), parts);
    if (!found) continue;
    const known = { ...search, ...found };
    const view = row.to === DAG ? VIEWS[String(known.tab)] : undefined;
    const isOfDag = row.to.startsWith(DAG);
    if (isOfDag && !known.dag_id) return undefined;
    return {
      to: view ?? row.to,
      params: isOfDag ? { dagId: String(known.dag_id) } : {},
      search: row.search?.(known) ?? {},
    };
  }
  return undefined;
}

function matched(pattern: string[], parts: string[]): Known | undefined {
  if (pattern.length !== parts.length) return undefined;
  const found: Known = {};
  for (const [at, part] of pattern.entries()) {
    const there = parts[at] ?? "";
    if (part.startsWith(":")) found[part.slice(1)] = decodeURIComponent(there);
    else if (part !== there) return undefined;
  }
  return found;
}
