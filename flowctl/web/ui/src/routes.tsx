/** Every page and its address; a view is loaded when it is first gone to. */

import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { cache } from "./api/client";
import { BASE } from "./base";
import { Broken } from "./shell/Broken";
import { lazyPage } from "./shell/lazyPage";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";
import { addressOf } from "./views/admin/address";
import { ADMIN_PAGES } from "./views/admin/pages";
import { stretchOf } from "./views/ahead/load";
import { filtersOf as xcomFiltersOf } from "./views/admin/xcoms/filters";
import { selectionOf } from "./views/dag/selection";
import { TABS } from "./views/dag/tabs";
import { Dags } from "./views/dags/Dags";
import { filtersOf } from "./views/dags/filters";
import { listOf } from "./views/dags/query";
import { filterOf } from "./views/lists/filter";
import { LIST_PAGES } from "./views/lists/pages";
import { windowOf } from "./views/timeline/rows";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

interface Asked {
  location: { pathname: string; search: object };
}

/** Lead from an address of Airflow to where that is here. */
async function lead({ location }: Asked): Promise<void> {
  const { placeOf } = await import("./shell/bookmarks");
  const place = placeOf(location.pathname, { ...location.search });
  if (place) throw redirect({ ...(place as { to: "/dags" }), replace: true });
}

const AIRFLOWS = ["dag_run_id", "task_id", "tab"]; // parameters of a DAG's page; none of ours

const elsewhere = createRoute({
  getParentRoute: () => root,
  path: "$",
  component: NotFound,
  beforeLoad: lead,
});

const front = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/dags" });
  },
});

const dags = createRoute({
  getParentRoute: () => root,
  path: "/dags",
  component: Dags,
  validateSearch: filtersOf,
  loader: ({ location, preload }) => {
    if (!preload) void cache.prefetchInfiniteQuery(listOf(filtersOf({ ...location.search })));
  },
});

const assets = createRoute({
  getParentRoute: () => root,
  path: "/assets",
  component: lazyPage(() => import("./views/assets/Assets"), "Assets"),
});

const cluster = createRoute({
  getParentRoute: () => root,
  path: "/cluster",
  component: lazyPage(() => import("./views/cluster/Cluster"), "Cluster"),
});

const timeline = createRoute({
  getParentRoute: () => root,
  path: "/timeline",
  component: lazyPage(() => import("./views/timeline/Timeline"), "Timeline"),
  validateSearch: windowOf,
});

const ahead = createRoute({
  getParentRoute: () => root,
  path: "/ahead",
  component: lazyPage(() => import("./views/ahead/Ahead"), "Ahead"),
  validateSearch: stretchOf,
});

const dependencies = createRoute({
  getParentRoute: () => root,
  path: "/dependencies",
  component: lazyPage(() => import("./views/dependencies/Dependencies"), "Dependencies"),
});

const dag = createRoute({
  getParentRoute: () => root,
  path: "/dags/$dagId",
  component: lazyPage(() => import("./views/dag/DagPage"), "DagPage"),
  validateSearch: selectionOf,
  beforeLoad: (asked) => AIRFLOWS.some((name) => name in asked.location.search) && lead(asked),
});

// The types of the tree know the page; its tabs are rows, and gone to by their path.
dag.addChildren([
  createRoute({
    getParentRoute: () => dag,
    path: "$",
    component: NotFound,
    beforeLoad: lead,
  }),
  ...TABS.map(({ path, view, readAhead }) =>
    createRoute({
      getParentRoute: () => dag,
      path,
      component: view,
      loader: ({ params, location, preload }) => {
        const { dagId } = params as { dagId: string };
        if (!preload) void readAhead?.(dagId, location.search);
      },
    }),
  ),
]);

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyPage(() => import("./views/lists/Runs"), "Runs"),
  validateSearch: filterOf,
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  component: lazyPage(() => import("./views/lists/Tasks"), "Tasks"),
  validateSearch: filterOf,
});

const lists = LIST_PAGES.map(({ path, view }) =>
  createRoute({ getParentRoute: () => root, path, component: view }),
);

const admin = ADMIN_PAGES.map(({ path, view }) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: view,
    validateSearch: addressOf,
  }),
);

const xcoms = createRoute({
  getParentRoute: () => root,
  path: "/xcoms",
  component: lazyPage(() => import("./views/admin/xcoms/XComs"), "XComs"),
  validateSearch: xcomFiltersOf,
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyPage(() => import("./views/account/Account"), "Account"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    front,
    dags,
    dag,
    cluster,
    timeline,
    ahead,
    dependencies,
    assets,
    runs,
    tasks,
    xcoms,
    account,
    ...lists,
    ...admin,
    elsewhere,
  ]),
  basepath: BASE || "/",
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
