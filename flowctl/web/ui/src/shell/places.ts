/** Where one can go from the bar, and which resource one must be able to read for it. */

import type { Text } from "@/text/en";

export interface Entry {
  to: string;
  name: keyof Text["nav"];
  needs?: string;
}

export const MAIN: Entry[] = [
  { to: "/dags", name: "dags" },
  { to: "/runs", name: "runs" },
  { to: "/tasks", name: "taskInstances" },
  { to: "/timeline", name: "timeline" },
  { to: "/assets", name: "assets", needs: "Datasets" },
  { to: "/cluster", name: "cluster" },
];

export const BROWSE: Entry[] = [
  { to: "/ahead", name: "ahead" },
  { to: "/dependencies", name: "dependencies", needs: "DAG Dependencies" },
  { to: "/import-errors", name: "importErrors", needs: "ImportError" },
  { to: "/xcoms", name: "xcoms", needs: "XComs" },
  { to: "/jobs", name: "jobs", needs: "Jobs" },
  { to: "/audit", name: "audit", needs: "Audit Logs" },
];

export const ADMIN: Entry[] = [
  { to: "/admin/connections", name: "connections", needs: "Connections" },
  { to: "/admin/variables", name: "variables", needs: "Variables" },
  { to: "/admin/pools", name: "pools", needs: "Pools" },
  { to: "/admin/config", name: "config", needs: "Configurations" },
  { to: "/admin/plugins", name: "plugins", needs: "Plugins" },
  { to: "/admin/providers", name: "providers", needs: "Providers" },
  { to: "/admin/users", name: "users", needs: "Users" },
  { to: "/admin/roles", name: "roles", needs: "Roles" },
];
