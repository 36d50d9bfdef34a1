/** Every page and its address; a view is loaded when it is first gone to. */

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { cache } from "./api/client";
import { BASE } from "./base";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";
import { addressOf } from "./views/admin/address";
import { ADMIN_PAGES } from "./views/admin/pages";
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
  component: lazyRouteComponent(() => import("./views/assets/Assets"), "Assets"),
});

const cluster = createRoute({
  getParentRoute: () => root,
  path: "/cluster",
  component: lazyRouteComponent(() => import("./views/cluster/Cluster"), "Cluster"),
});

const timeline = createRoute({
  getParentRoute: () => root,
  path: "/timeline",
  component: lazyRouteComponent(() => import("./views/timeline/Timeline"), "Timeline"),
  validateSearch: windowOf,
});

const dependencies = createRoute({
  getParentRoute: () => root,
  path: "/dependencies",
  component: lazyRouteComponent(() => import("./views/dependencies/Dependencies"), "Dependencies"),
});

const dag = createRoute({
  getParentRoute: () => root,
  path: "/dags/$dagId",
  component: lazyRouteComponent(() => import("./views/dag/DagPage"), "DagPage"),
  validateSearch: selectionOf,
});

// The types of the tree know the page; its tabs are rows, and gone to by their path.
dag.addChildren(
  TABS.map(({ path, view, readAhead }) =>
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
);

const runs = createRoute({
  getParentRoute: () => root,
  path: "/runs",
  component: lazyRouteComponent(() => import("./views/lists/Runs"), "Runs"),
  validateSearch: filterOf,
});

const tasks = createRoute({
  getParentRoute: () => root,
  path: "/tasks",
  component: lazyRouteComponent(() => import("./views/lists/Tasks"), "Tasks"),
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
  component: lazyRouteComponent(() => import("./views/admin/xcoms/XComs"), "XComs"),
  validateSearch: xcomFiltersOf,
});

const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  component: lazyRouteComponent(() => import("./views/account/Account"), "Account"),
});

export const router = createRouter({
  routeTree: root.addChildren([
    front,
    dags,
    dag,
    cluster,
    timeline,
    dependencies,
    assets,
    runs,
    tasks,
    xcoms,
    account,
    ...lists,
    ...admin,
  ]),
  basepath: BASE || "/",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
