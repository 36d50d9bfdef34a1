/** The tabs of a DAG's page: a row here is a tab, its address and its view. */

import { lazyPage } from "@/shell/lazyPage";
import type { Words } from "@/text/text";

type View = ReturnType<typeof lazyPage>;

export interface Tab {
  /** The last part of the address; "/" is the tab one comes to first. */
  path: `/${string}`;
  name: Words<string>;
  view: View;
  /** Whether runs and tasks are selected in it, and shown in the panel beside it. */
  hasPanel?: boolean;
  /** The resource one must be able to read for it. */
  needs?: string;
  /** Begins to read what the tab shows, while its code is on the way. */
  readAhead?: (dagId: string, search: Record<string, unknown>) => Promise<void>;
}

async function gridAhead(dagId: string, search: Record<string, unknown>): Promise<void> {
  const [{ readAhead }, { filterOf }] = await Promise.all([
    import("@/views/grid/useRuns"),
    import("@/views/grid/filter"),
  ]);
  readAhead(dagId, filterOf(search));
}

export const TABS: Tab[] = [
  {
    path: "/",
    name: { en: "Grid", ko: "그리드" },
    view: lazyPage(() => import("@/views/grid/Grid"), "Grid"),
    hasPanel: true,
    readAhead: gridAhead,
  },
  {
    path: "/graph",
    name: { en: "Graph", ko: "그래프" },
    view: lazyPage(() => import("@/views/graph/Graph"), "Graph"),
    hasPanel: true,
  },
  {
    path: "/gantt",
    name: { en: "Gantt", ko: "간트" },
    view: lazyPage(() => import("@/views/gantt/Gantt"), "Gantt"),
    hasPanel: true,
  },
  {
    path: "/calendar",
    name: { en: "Calendar", ko: "달력" },
    view: lazyPage(() => import("@/views/calendar/Calendar"), "Calendar"),
  },
  {
    path: "/durations",
    name: { en: "Durations", ko: "소요 시간" },
    view: lazyPage(() => import("@/views/durations/Durations"), "Durations"),
  },
  {
    path: "/backfills",
    name: { en: "Backfills", ko: "백필" },
    view: lazyPage(() => import("@/views/backfills/Backfills"), "Backfills"),
  },
  {
    path: "/code",
    name: { en: "Code", ko: "코드" },
    view: lazyPage(() => import("@/views/code/Code"), "Code"),
    needs: "DAG Code",
  },
  {
    path: "/details",
    name: { en: "Details", ko: "상세" },
    view: lazyPage(() => import("@/views/details/Details"), "Details"),
  },
  {
    path: "/audit",
    name: { en: "Audit", ko: "감사" },
    view: lazyPage(() => import("@/views/audit/DagAudit"), "DagAudit"),
    needs: "Audit Logs",
  },
];
