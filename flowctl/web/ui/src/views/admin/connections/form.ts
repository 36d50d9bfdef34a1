/** What the form of a connection shows, and what is sent of it. */

import type { Schemas } from "@/api/client";

export type Form = Schemas["ConnectionForm"];
export type Stored = Schemas["Connection"];
export type Body = Schemas["NewConnection"];

/** The fields of every connection, in the order of the form. */
export const STANDARD = ["description", "host", "schema", "login", "password", "port"] as const;
export type Standard = (typeof STANDARD)[number];

export interface Draft {
  connection_id: string;
  conn_type: string;
  /** A password that is not typed stays what it is. */
  standard: Record<Standard, string>;
  /** What a type keeps in `extra` under names of its own. */
  fields: Record<string, string | boolean>;
  /** The rest of `extra`. */
  extra: string;
}

type Extra = Record<string, unknown>;

/** Return the object that a text is in JSON; {} for none, null where it is something else. */
export function objectIn(text: string | null | undefined): Extra | null {
  if (!text?.trim()) return {};
  try {
    const found: unknown = JSON.parse(text);
    return found !== null && typeof found === "object" && !Array.isArray(found)
      ? (found as Extra)
      : null;
  } catch {
    return null;
  }
}

function written(extra: Extra): string {
  return Object.keys(extra).length > 0 ? JSON.stringify(extra, null, 2) : "";
}

/** Return what the form begins with: a stored connection, or the defaults of its type. */
export function draftOf(stored: Stored | undefined, form: Form | undefined): Draft {
  const standard = Object.fromEntries(
    STANDARD.map((name) => [name, name === "password" ? "" : String(stored?.[name] ?? "")]),
  ) as Record<Standard, string>;
  const draft = {
    connection_id: stored?.connection_id ?? "",
    conn_type: stored?.conn_type ?? form?.conn_type ?? "",
    standard,
    fields: {},
    extra: stored?.extra ?? "",
  };
  return retyped(draft, form, stored === undefined);
}

/** Return the draft with the fields of another form: what it has no field for goes to `extra`. */
export function retyped(draft: Draft, form: Form | undefined, withDefaults: boolean): Draft {
  const extra = objectIn(draft.extra);
  if (extra === null) return { ...draft, fields: {} };
  const all: Extra = { ...extra, ...filled(draft.fields) };
  const fields: Draft["fields"] = {};
  for (const field of form?.fields ?? []) {
    const value = all[field.name] ?? (withDefaults ? field.default : undefined) ?? "";
    fields[field.name] =
      field.kind === "boolean"
        ? value === true || value === "true"
        : typeof value === "object"
          ? JSON.stringify(value)
          : String(value);
  }
  const rest = Object.entries(all).filter(([name]) => !(name in fields));
  return { ...draft, fields, extra: written(Object.fromEntries(rest)) };
}

function filled(fields: Draft["fields"]): Extra {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== "" && value !== false),
  );
}

function typed(value: string | boolean, kind: string): unknown {
  if (typeof value === "boolean") return value;
  if ((kind === "integer" || kind === "number") && Number.isFinite(Number(value)))
    return Number(value);
  if (kind === "array" || kind === "object") {
    try {
      return JSON.parse(value) as unknown;
    } catch {
      return value;
    }
  }
  return value;
}

/** Say whether the draft can be sent. */
export function isSound(draft: Draft, stored: Stored | undefined): boolean {
  return draft.extra === (stored?.extra ?? "") || objectIn(draft.extra) !== null;
}

/** Return what is sent: what is hidden or untouched stays as it is. */
export function bodyOf(draft: Draft, form: Form | undefined, stored: Stored | undefined): Body {
  const body: Body = { connection_id: draft.connection_id, conn_type: draft.conn_type };
  for (const name of STANDARD) {
    const value = draft.standard[name];
    if (form?.hidden.includes(name) || (name === "password" && value === "")) continue;
    if (name === "port") body.port = value === "" ? null : Number(value);
    else body[name] = value || null;
  }
  const extra = extraOf(draft, form);
  if (extra !== (stored?.extra ?? null)) body.extra = extra;
  return body;
}

function extraOf(draft: Draft, form: Form | undefined): string | null {
  const rest = objectIn(draft.extra);
  if (rest === null) return draft.extra;
  for (const field of form?.fields ?? []) {
    const value = draft.fields[field.name];
    if (value !== undefined && value !== "") rest[field.name] = typed(value, field.kind);
  }
  return Object.keys(rest).length > 0 ? JSON.stringify(rest) : null;
}
