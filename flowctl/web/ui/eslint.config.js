import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig } from "eslint/config";
import ts from "typescript-eslint";

export default defineConfig(
  { ignores: ["src/api/schema.d.ts"] },
  js.configs.recommended,
  ts.configs.strict,
  hooks.configs.flat.recommended,
  { rules: { "no-console": "error", eqeqeq: "error" } },
  {
    // Arithmetic on places in arrays: what is asked for is known to be there.
    files: ["src/layout/**", "**/*.test.ts"],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
);
