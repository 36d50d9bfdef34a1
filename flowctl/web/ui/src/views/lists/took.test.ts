import { expect, test } from "vitest";
import { took } from "./took";

const START = "2026-01-01T00:00:00Z";

test("what runs takes time until now, what waits takes none", () => {
  expect(took({ start_date: START, end_date: "2026-01-01T00:01:30Z" }, 0)).toBe("1m 30s");
  expect(took({ start_date: START, end_date: null }, Date.parse("2026-01-01T01:00:00Z"))).toBe(
    "1h",
  );
  expect(took({ start_date: null }, 0)).toBe("");
});
