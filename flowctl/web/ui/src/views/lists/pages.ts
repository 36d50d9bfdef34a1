/** The pages that are one list each: an address and its view. */

import { lazyRouteComponent } from "@tanstack/react-router";

export const LIST_PAGES = [
  { path: "/jobs", view: lazyRouteComponent(() => import("./Jobs"), "Jobs") },
  { path: "/audit", view: lazyRouteComponent(() => import("./Audit"), "Audit") },
  {
    path: "/import-errors",
    view: lazyRouteComponent(() => import("./ImportErrorList"), "ImportErrorList"),
  },
  { path: "/admin/plugins", view: lazyRouteComponent(() => import("./Plugins"), "Plugins") },
  { path: "/admin/providers", view: lazyRouteComponent(() => import("./Providers"), "Providers") },
  { path: "/admin/config", view: lazyRouteComponent(() => import("./Options"), "Options") },
] as const;
