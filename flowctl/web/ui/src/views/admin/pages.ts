/** The pages of administration that one changes: an address and its view. */

import { lazyPage } from "@/shell/lazyPage";

export const ADMIN_PAGES = [
  {
    path: "/admin/connections",
    view: lazyPage(() => import("./connections/Connections"), "Connections"),
  },
  {
    path: "/admin/variables",
    view: lazyPage(() => import("./variables/Variables"), "Variables"),
  },
  { path: "/admin/pools", view: lazyPage(() => import("./pools/Pools"), "Pools") },
  { path: "/admin/users", view: lazyPage(() => import("./users/Users"), "Users") },
  { path: "/admin/roles", view: lazyPage(() => import("./roles/Roles"), "Roles") },
] as const;
