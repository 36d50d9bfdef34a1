import { describe, expect, test } from "vitest";
import { linesOf } from "./python";

const kinds = (source: string) =>
  linesOf(source)
    .flat()
    .filter((token) => token.kind !== "plain")
    .map((token) => [token.kind, token.text]);
const joined = (source: string) =>
  linesOf(source)
    .map((line) => line.map((token) => token.text).join(""))
    .join("\n");

describe("what is coloured", () => {
  test.each([
    [
      "x = 1  # one",
      [
        ["number", "1"],
        ["comment", "# one"],
      ],
    ],
    [
      "def f():",
      [
        ["keyword", "def"],
        ["name", "f"],
      ],
    ],
    ["@dag.task", [["decorator", "@dag.task"]]],
    ["a @ b", []],
    [
      "f'{x}' rb\"y\"",
      [
        ["string", "f'{x}'"],
        ["string", 'rb"y"'],
      ],
    ],
    [
      "'it\\'s' # 'no'",
      [
        ["string", "'it\\'s'"],
        ["comment", "# 'no'"],
      ],
    ],
    ["x.def_ = y.match", []],
    ["match x:", [["keyword", "match"]]],
    ["match = type(x)", []],
    [
      "if self is None:",
      [
        ["keyword", "if"],
        ["constant", "self"],
        ["keyword", "is"],
        ["constant", "None"],
      ],
    ],
    ["'open\nx", [["string", "'open"]]],
  ])("of %j", (source, wanted) => expect(kinds(source)).toEqual(wanted));
});

test("three quotes go on over lines, and end at three", () => {
  const lines = linesOf('"""one\n"two" three\\"""\n"""  + 1');
  expect(lines.map((line) => line.map((token) => token.kind))).toEqual([
    ["string"],
    ["string"],
    ["string", "plain", "number"],
  ]);
});

test.each([
  "",
  "\n\n",
  'x = """never ends\n',
  "가 = '나'\n\t# 다",
  "\\\n'",
  "a\r\nb".replace("\r", ""),
])("nothing of %j is lost", (source) => expect(joined(source)).toBe(source));

test("a long string takes no time that anybody sees", () => {
  const source = `x = """${'a " b \\\\ '.repeat(60_000)}`;
  expect(joined(source)).toBe(source);
});
