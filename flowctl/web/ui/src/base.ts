/** Where the server put these pages: "" at the root, "/path" below a base_url with a path. */

const told = document.querySelector<HTMLMetaElement>('meta[name="flowctl-base"]')?.content ?? "";

export const BASE = told === "/__base__" ? "" : told;
export const API = `${BASE}/api/v1`;
