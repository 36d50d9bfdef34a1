/** The pages of administration that one changes: an address and its view. */

import { lazyRouteComponent } from "@tanstack/react-router";

export const ADMIN_PAGES = [
  {
    path: "/admin/connections",
    view: lazyRouteComponent(() => import("./connections/Connections"), "Connections"),
  },
  {
    path: "/admin/variables",
    view: lazyRouteComponent(() => import("./variables/Variables"), "Variables"),
  },
  { path: "/admin/pools", view: lazyRouteComponent(() => import("./pools/Pools"), "Pools") },
  { path: "/admin/users", view: lazyRouteComponent(() => import("./users/Users"), "Users") },
  { path: "/admin/roles", view: lazyRouteComponent(() => import("./roles/Roles"), "Roles") },
] as const;
