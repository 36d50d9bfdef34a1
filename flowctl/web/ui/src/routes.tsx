/** Every page and its address; a view is loaded when it is first gone to. */

import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { BASE } from "./base";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";
import { Dags } from "./views/dags/Dags";

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const front = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/dags" });
  },
});

const dags = createRoute({ getParentRoute: () => root, path: "/dags", component: Dags });

export const router = createRouter({
  routeTree: root.addChildren([front, dags]),
  basepath: BASE || "/",
  defaultPreload: "intent",
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
