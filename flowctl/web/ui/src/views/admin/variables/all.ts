/** All variables of the metastore, read a page at a time. */

import { client } from "@/api/client";
import type { Variable } from "./files";

const PAGE = 100; // the most that a page has
const AT_ONCE = 6; // connections that a browser opens to a server

export async function allKeys(): Promise<string[]> {
  const keys: string[] = [];
  for (let total = 1; keys.length < total;) {
    const query = { limit: PAGE, offset: keys.length };
    const { data } = await client.GET("/variables", { params: { query } });
    if (!data?.variables.length) break;
    keys.push(...data.variables.map((one) => one.key));
    total = data.total_entries;
  }
  return keys;
}

export async function allValues(): Promise<Variable[]> {
  const keys = await allKeys();
  const found: Variable[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE).map(async (variable_key) => {
      const { data } = await client.GET("/variables/{variable_key}", {
        params: { path: { variable_key } },
      });
      if (data) found.push(data);
    });
    await Promise.all(some);
  }
  return found;
}
