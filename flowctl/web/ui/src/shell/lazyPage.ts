/** Pages whose code comes when one first goes there. */

import { lazyRouteComponent, type RouteComponent } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { API } from "@/base";

/** The code of a page did not come, as no server answers. */
export class Away extends Error {}

/** Say whether the server answers. */
export async function isThere(): Promise<boolean> {
  return fetch(`${API}/health`).then(
    (answer) => answer.ok,
    () => false,
  );
}

/** A page by the name under which a module exports it.
 *
 * Code that a server does not have was replaced by a newer one: the router loads the whole page
 * anew. Without a server that would leave nothing but the browser's own words.
 */
export function lazyPage<K extends string>(
  load: () => Promise<Record<K, ComponentType>>,
  name: K,
): RouteComponent {
  const tried = () =>
    load().catch(async (error: unknown) => {
      throw (await isThere()) ? error : new Away();
    });
  return lazyRouteComponent(tried, name) as RouteComponent;
}
