/** How the pages speak with the REST API: typed by its OpenAPI document, and with nothing else. */

import { QueryClient } from "@tanstack/react-query";
import createClient, { type Middleware } from "openapi-fetch";
import createHooks from "openapi-react-query";
import { API } from "@/base";
import { healsIn, mayHeal, Refused, Unreachable } from "./healing";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export { Refused };

export function isForbidden(error: unknown): boolean {
  return error instanceof Refused && error.status === 403;
}

export function isMissing(error: unknown): error is Refused {
  return error instanceof Refused && error.status === 404;
}

let csrfToken = "";

/** Remember the token of the session, which every change must carry. */
export function trust(token: string | null | undefined): void {
  csrfToken = token ?? "";
}

async function refusal(response: Response): Promise<Refused> {
  const body = await response.json().catch(() => ({}));
  return new Refused(response.status, body.detail || body.title || response.statusText);
}

const door: Middleware = {
  onRequest({ request }) {
    if (csrfToken && request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
  },
  async onResponse({ response }) {
    if (response.ok) return;
    if (response.status === 401) {
      if (cache.getQueryData(ME)) cache.setQueryData(ENDED, true);
      cache.setQueryData(ME, null);
    }
    throw await refusal(response);
  },
  onError({ error }) {
    if (error instanceof TypeError) return new Unreachable("The server does not answer.");
  },
};

/** The key of who is logged in; null in the cache means nobody. */
export const ME = ["me"];
/** The key of whether a session ended by itself. */
export const ENDED = ["ended"];

export const client = createClient<paths>({
  baseUrl: API,
  querySerializer: { array: { style: "form", explode: false } },
});
client.use(door);

/** `api.useQuery("get", "/dags/{dag_id}/grid", { params })`: hooks for every route. */
export const api = createHooks(client);

/** For what may not be there yet: it is asked for until it is. A page says so by `failureReason`. */
export const untilThere = {
  retry: (count: number, error: unknown) => isMissing(error) || mayHeal(count, error),
  retryDelay: 2_000,
};

export const cache = new QueryClient({
  defaultOptions: {
    // A browser in a closed network calls itself offline; the server is on this machine.
    mutations: { networkMode: "always" },
    queries: {
      networkMode: "always",
      staleTime: 5_000,
      retry: mayHeal,
      retryDelay: healsIn,
    },
  },
});
