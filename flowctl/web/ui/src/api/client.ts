/** How the pages speak with the REST API: typed by its OpenAPI document, and with nothing else. */

import { QueryClient, type QueryFunction, useMutation, useQuery } from "@tanstack/react-query";
import type { Client } from "openapi-fetch";
import type { OpenapiQueryClient } from "openapi-react-query";
import { API } from "@/base";
import { addressOf, type Parameters } from "./address";
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

interface Init {
  params?: { path?: Parameters; query?: Parameters };
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Send one request; return what the answer holds, or throw what went wrong. */
async function send(method: string, route: string, init: Init = {}): Promise<unknown> {
  const { params, body, signal } = init;
  const headers = new Headers(init.headers);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (csrfToken && method !== "GET") headers.set("X-CSRF-Token", csrfToken);
  const response = await fetch(API + addressOf(route, params?.path, params?.query), {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  }).catch((error: unknown) => {
    throw error instanceof TypeError ? new Unreachable("The server does not answer.") : error;
  });
  if (response.ok) {
    const text = await response.text();
    return text ? JSON.parse(text) : undefined;
  }
  if (response.status === 401) {
    if (cache.getQueryData(ME)) cache.setQueryData(ENDED, true);
    cache.setQueryData(ME, null);
  }
  throw await refusal(response);
}

/** The key of who is logged in; null in the cache means nobody. */
export const ME = ["me"];
/** The key of whether a session ended by itself. */
export const ENDED = ["ended"];

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

const by = (method: Method) => async (route: string, init?: Init) => ({
  data: await send(method, route, init),
});

// The types of two libraries, without their code: it is ten times what is asked of it here.

/** `client.GET("/dags/{dag_id}", { params })`: one request, and its `data`. */
export const client = {
  GET: by("GET"),
  POST: by("POST"),
  PUT: by("PUT"),
  PATCH: by("PATCH"),
  DELETE: by("DELETE"),
} as unknown as Pick<Client<paths>, Method>;

type Asked = [method: string, route: string, init?: Init];

const read: QueryFunction<unknown, Asked> = async ({ queryKey: [method, route, init], signal }) =>
  (await send(method.toUpperCase(), route, { ...init, signal })) ?? null;

/** `api.useQuery("get", "/dags/{dag_id}/grid", { params })`: hooks for every route. */
export const api = {
  useQuery(method: string, route: string, init?: Init, options?: object) {
    const queryKey: Asked = init === undefined ? [method, route] : [method, route, init];
    return useQuery({ queryKey, queryFn: read, ...options });
  },
  useMutation(method: string, route: string, options?: object) {
    const mutationFn = (init: Init) => send(method.toUpperCase(), route, init);
    return useMutation({ mutationKey: [method, route], mutationFn, ...options });
  },
} as unknown as Pick<OpenapiQueryClient<paths>, "useQuery" | "useMutation">;

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
