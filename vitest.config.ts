import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const dist = (path: string) => fileURLToPath(new URL(`./dist/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    // Tests of the public face run against what the package ships.
    alias: [
      { find: /^secure-exec$/, replacement: dist("index.js") },
      { find: /^secure-exec\/typescript$/, replacement: dist("typescript/index.js") },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/host/**", "**/node_modules/**"],
    // Each file starts machines of its own: side by side they would measure each other.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
