import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const STATIC = "../static";
/** The web server puts its own path here when it serves the page: one build fits every base_url. */
const BASE = "/__base__";

/** Leave a .br and a .gz beside every text, so that the server compresses nothing itself. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(STATIC, { recursive: true, encoding: "utf8" })) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const text = readFileSync(join(STATIC, name));
        writeFileSync(join(STATIC, `${name}.br`), brotliCompressSync(text));
        writeFileSync(join(STATIC, `${name}.gz`), gzipSync(text, { level: 9 }));
      }
    },
  };
}

const server = `http://127.0.0.1:${process.env.PORT ?? 8080}`;

export default defineConfig({
  base: "/",
  plugins: [react(), compressed()],
  resolve: {
    alias: {
      "@": join(import.meta.dirname, "src"),
      "use-sync-external-store/shim": "use-sync-external-store", // React has had it since 18
    },
  },
  css: { transformer: "lightningcss" },
  build: {
    outDir: STATIC,
    emptyOutDir: true,
    assetsDir: "assets",
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // What every page needs comes as one file: it packs better than the same in eight.
      output: { codeSplitting: { groups: [{ name: "first", test: /src\/main\.tsx$/ }] } },
    },
    manifest: "manifest.json", // from it the web server knows what a view needs first
  },
  experimental: {
    renderBuiltUrl: (name, { hostType }) =>
      hostType === "html" ? `${BASE}/static/${name}` : { relative: true },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": server, "/health": server }, strictPort: true },
  test: { environment: "node", include: ["src/**/*.test.ts"], testTimeout: 60_000 },
});
