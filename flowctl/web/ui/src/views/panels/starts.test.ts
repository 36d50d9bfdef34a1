import { expect, test } from "vitest";
import { ending, size } from "./starts";

const exit = (code: number) => `exit ${code}`;

test("a signal counts more than an exit code, what runs has neither", () => {
  expect(ending({ exit_code: null, signal: 9 }, exit)).toBe("SIGKILL");
  expect(ending({ exit_code: 1, signal: 0 }, exit)).toBe("exit 1");
  expect(ending({ exit_code: 0, signal: null }, exit)).toBe("exit 0");
  expect(ending({ exit_code: null, signal: 63 }, exit)).toBe("signal 63");
  expect(ending({ exit_code: null, signal: null }, exit)).toBe("");
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [50 * 2 ** 20, "50 MiB"],
  [2 ** 45, "32 TiB"],
])("%d bytes are %s", (bytes, words) => {
  expect(size(bytes)).toBe(words);
});
