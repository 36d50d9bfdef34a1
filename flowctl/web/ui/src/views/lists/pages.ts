/** The pages that are one list each: an address and its view. */

import { lazyPage } from "@/shell/lazyPage";

export const LIST_PAGES = [
  { path: "/jobs", view: lazyPage(() => import("./Jobs"), "Jobs") },
  { path: "/audit", view: lazyPage(() => import("./Audit"), "Audit") },
  {
    path: "/import-errors",
    view: lazyPage(() => import("./ImportErrorList"), "ImportErrorList"),
  },
  { path: "/admin/plugins", view: lazyPage(() => import("./Plugins"), "Plugins") },
  { path: "/admin/providers", view: lazyPage(() => import("./Providers"), "Providers") },
  { path: "/admin/config", view: lazyPage(() => import("./Options"), "Options") },
] as const;
