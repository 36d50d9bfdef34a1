import { expect, test } from "vitest";
import { changeOf } from "./change";

test.each([
  [null, { rest: "" }],
  ["not json", { rest: "not json" }],
  ['{"runs":3}', { rest: '{"runs":3}' }],
  ['{"before":false,"after":true}', { moved: { before: "false", after: "true" }, rest: "" }],
  [
    '{"before":"a","after":null,"by":"x"}',
    { moved: { before: "a", after: "null" }, rest: '{"by":"x"}' },
  ],
])("%s", (extra, wanted) => expect(changeOf(extra)).toEqual(wanted));
