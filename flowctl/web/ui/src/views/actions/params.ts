/** The fields of a form that Params mean, and what is wrong with what was put into them. */

export interface Schema {
  type?: string | string[];
  title?: string;
  section?: string;
  format?: string;
  enum?: unknown[];
  const?: unknown;
  examples?: unknown[];
  /** What is shown for a value to choose from. */
  values_display?: Record<string, string>;
  description_md?: string;
  items?: { type?: string };
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
}

export interface Param {
  value: unknown;
  description: string | null;
  schema: Schema;
}

export type Kind =
  | "text"
  | "lines"
  | "number"
  | "date"
  | "time"
  | "datetime"
  | "yes"
  | "one" // of a few values
  | "some" // of a few values
  | "list" // of texts, one a line
  | "json";

export interface Field {
  name: string;
  title: string;
  description: string;
  section: string;
  kind: Kind;
  isOptional: boolean;
  /** Whether the file gives no value: somebody must. */
  isRequired: boolean;
  schema: Schema;
  /** What stands in the input at first. */
  text: string;
}

const FORMATS: Record<string, Kind> = {
  multiline: "lines",
  date: "date",
  time: "time",
  "date-time": "datetime",
};
const TYPES: Record<string, Kind> = {
  boolean: "yes",
  integer: "number",
  number: "number",
  array: "json",
  object: "json",
};

function typesOf({ schema, value }: Param): string[] {
  if (schema.type) return [schema.type].flat();
  if (Array.isArray(value)) return ["array"];
  if (value === null || value === undefined) return ["null", "string"];
  return [typeof value];
}

/** Return the fields of a form, in the order of the Params; those without a section come first.
 *
 * A constant has none: there is nothing to choose.
 */
export function fieldsOf(params: Record<string, Param>): Field[] {
  const fields = Object.entries(params)
    .filter(([, param]) => !("const" in param.schema))
    .map(([name, param]) => fieldOf(name, param));
  return fields.sort((a, b) => Number(a.section !== "") - Number(b.section !== ""));
}

function kindOf(param: Param, main: string): Kind {
  const { schema, value } = param;
  if (schema.enum) return "one";
  if (main !== "array") return TYPES[main] ?? FORMATS[schema.format ?? ""] ?? "text";
  if (schema.examples) return "some";
  const isOfTexts = (schema.items?.type ?? "string") === "string";
  const hasTexts = value === null || (Array.isArray(value) && value.every(isLine));
  return isOfTexts && hasTexts ? "list" : "json";
}

function isLine(value: unknown): boolean {
  return typeof value === "string" && !value.includes("\n");
}

function fieldOf(name: string, param: Param): Field {
  const types = typesOf(param);
  const main = types.find((type) => type !== "null") ?? "string";
  const kind = kindOf(param, main);
  return {
    name,
    title: param.schema.title ?? name,
    description: param.description ?? "",
    section: param.schema.section ?? "",
    kind,
    isOptional: types.includes("null"),
    isRequired: (param.value ?? null) === null && !types.includes("null"),
    schema: { ...param.schema, type: main },
    text: textOf(param.value, kind),
  };
}

/** Return a value as the input of a field holds it. */
export function textOf(value: unknown, kind: Kind): string {
  if (kind === "one") return JSON.stringify(value ?? null);
  if (kind === "list" && Array.isArray(value) && value.every(isLine)) return value.join("\n");
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Return the words for a value to choose from. */
export function shownAs(schema: Schema, value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return schema.values_display?.[text] ?? text;
}

/** Return the values chosen of some, as the text of a field holds them. */
export function chosenOf(text: string): unknown[] {
  return text === "" ? [] : (JSON.parse(text) as unknown[]);
}

/** What is wrong with an input: which rule, and the bound it breaks. */
export type Wrong = [
  (
    | "json"
    | "required"
    | "number"
    | "integer"
    | "least"
    | "most"
    | "longer"
    | "shorter"
    | "pattern"
    | "array"
    | "object"
  ),
  (number | string)?,
];

/** Return the value that an input means, or what is wrong with it. */
export function valueOf(field: Field, text: string): { value: unknown } | { wrong: Wrong } {
  if (field.kind === "one") return { value: JSON.parse(text) as unknown };
  if (field.kind === "yes") return { value: text === "true" };
  if (text === "" && field.isOptional) return { value: null };
  if (field.kind === "some") return { value: chosenOf(text) };
  if (field.kind === "list") return { value: text.split("\n").filter((line) => line !== "") };
  if (field.kind === "number") return numberOf(field.schema, text);
  if (field.kind === "json") return jsonOf(field.schema, text);
  const wrong = wrongText(field.schema, text);
  if (wrong) return { wrong };
  if (text === "" && (field.isRequired || !["text", "lines"].includes(field.kind)))
    return { wrong: ["required"] };
  return { value: field.kind === "datetime" && text ? zoned(text) : text };
}

function zoned(text: string): string {
  return /(Z|[+-]\d\d:?\d\d)$/.test(text) ? text : `${text}Z`;
}

function numberOf(schema: Schema, text: string): { value: unknown } | { wrong: Wrong } {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return { wrong: ["number"] };
  if (schema.type === "integer" && !Number.isInteger(value)) return { wrong: ["integer"] };
  if (schema.minimum !== undefined && value < schema.minimum)
    return { wrong: ["least", schema.minimum] };
  if (schema.maximum !== undefined && value > schema.maximum)
    return { wrong: ["most", schema.maximum] };
  return { value };
}

function jsonOf(schema: Schema, text: string): { value: unknown } | { wrong: Wrong } {
  try {
    const value = JSON.parse(text) as unknown;
    if (schema.type === "array" && !Array.isArray(value)) return { wrong: ["array"] };
    if (schema.type === "object" && (typeof value !== "object" || Array.isArray(value)))
      return { wrong: ["object"] };
    return { value };
  } catch {
    return { wrong: ["json"] };
  }
}

function wrongText(schema: Schema, text: string): Wrong | undefined {
  if (schema.minLength !== undefined && text.length < schema.minLength)
    return ["longer", schema.minLength];
  if (schema.maxLength !== undefined && text.length > schema.maxLength)
    return ["shorter", schema.maxLength];
  if (schema.pattern && !new RegExp(schema.pattern).test(text)) return ["pattern", schema.pattern];
  return undefined;
}
