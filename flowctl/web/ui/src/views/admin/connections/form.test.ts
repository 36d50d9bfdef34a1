import { expect, test } from "vitest";
import { bodyOf, draftOf, type Form, isSound, objectIn, retyped, type Stored } from "./form";

const PLAIN: Form = {
  conn_type: "generic",
  label: "Generic",
  package: null,
  hidden: [],
  labels: {},
  placeholders: {},
  fields: [],
  trouble: null,
};
const field = (name: string, kind: string, value: unknown = null) => ({
  name,
  label: name,
  kind,
  description: null,
  default: value,
  is_secret: false,
});
const TYPED: Form = {
  ...PLAIN,
  conn_type: "warehouse",
  hidden: ["schema"],
  fields: [field("region", "string", "eu"), field("timeout", "integer"), field("tls", "boolean")],
};
const STORED: Stored = {
  connection_id: "w",
  conn_type: "warehouse",
  description: null,
  host: "db",
  login: "me",
  schema: "hidden one",
  port: 5432,
  extra: '{"region":"us","tls":true,"other":{"a":1}}',
};

test("what is not touched is not sent, and a password not typed stays", () => {
  const body = bodyOf(draftOf(STORED, TYPED), TYPED, STORED);

  expect(body).not.toHaveProperty("password");
  expect(body).not.toHaveProperty("schema"); // its type has no use for it
  expect(JSON.parse(body.extra ?? STORED.extra ?? "")).toEqual({
    region: "us",
    tls: true,
    other: { a: 1 },
  });
  expect(bodyOf(draftOf(STORED, PLAIN), PLAIN, { ...STORED, extra: null }).port).toBe(5432);
});

test("fields of a type lie in extra, with the kinds that it says", () => {
  const draft = draftOf(STORED, TYPED);
  expect(draft.fields).toEqual({ region: "us", timeout: "", tls: true });
  expect(objectIn(draft.extra)).toEqual({ other: { a: 1 } });

  const changed = { ...draft, fields: { ...draft.fields, timeout: "30", region: "" } };
  expect(JSON.parse(bodyOf(changed, TYPED, STORED).extra ?? "")).toEqual({
    other: { a: 1 },
    tls: true,
    timeout: 30,
  });
});

test("a new connection begins with the defaults of its type", () => {
  expect(draftOf(undefined, TYPED).fields.region).toBe("eu");
  expect(bodyOf(draftOf(undefined, PLAIN), PLAIN, undefined).extra).toBeUndefined();
});

test("another type loses nothing of extra", () => {
  const plain = retyped(draftOf(STORED, TYPED), PLAIN, false);
  expect(objectIn(plain.extra)).toEqual({ region: "us", tls: true, other: { a: 1 } });
});

test("an extra that is no object is only sound as it was", () => {
  const masked = { ...STORED, extra: "***" };
  const draft = draftOf(masked, PLAIN);

  expect(isSound(draft, masked)).toBe(true);
  expect(bodyOf(draft, PLAIN, masked)).not.toHaveProperty("extra");
  expect(isSound({ ...draft, extra: "[1]" }, masked)).toBe(false);
  expect(isSound({ ...draft, extra: "" }, masked)).toBe(true);
  expect(bodyOf({ ...draft, extra: "" }, PLAIN, masked).extra).toBeNull();
});
