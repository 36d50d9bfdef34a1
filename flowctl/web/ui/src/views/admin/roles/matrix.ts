/** What a role allows, as a matrix of resources and actions. */

import type { Schemas } from "@/api/client";

export type Role = Schemas["Role"];

export const OF_ONE_DAG = "DAG:";

/** Return the cell of an action on a resource. */
export function cell(action: string, resource: string): string {
  return `${action} ${resource}`;
}

/** Return the cells that a role allows. */
export function cellsOf(role: Role | undefined): Set<string> {
  return new Set(role?.actions.map((one) => cell(one.action.name, one.resource.name)));
}

/** Return the rows: all resources that any role names, those of single DAGs last. */
export function resourcesOf(roles: Role[]): string[] {
  const names = new Set(roles.flatMap((role) => role.actions.map((one) => one.resource.name)));
  const ofOne = (name: string) => Number(name.startsWith(OF_ONE_DAG));
  return [...names].sort((a, b) => ofOne(a) - ofOne(b) || (a < b ? -1 : 1));
}

/** Return what is sent of chosen cells. */
export function actionsOf(cells: ReadonlySet<string>): Role["actions"] {
  return [...cells].sort().map((one) => {
    const at = one.indexOf(" ");
    return { action: { name: one.slice(0, at) }, resource: { name: one.slice(at + 1) } };
  });
}

/** Say in few words what a role allows: how many resources are read, and how many changed. */
export function counts(role: Role): { read: number; change: number } {
  const read = new Set<string>();
  const change = new Set<string>();
  for (const { action, resource } of role.actions) {
    if (action.name === "can_read") read.add(resource.name);
    else if (action.name !== "menu_access") change.add(resource.name);
  }
  return { read: read.size, change: change.size };
}
