import { defineConfig } from "vitest/config";

/** The workspace's own packages are tested from their sources, so that tests need no build first. */
const conditions = ["@imagespec/source", "node", "import", "module", "default"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: conditions } };

/** What takes `npm test` beyond the time that a small machine has for it: `npx vitest run --project slow`. */
const slow = [
  "packages/docker/test/{newer-docker,remote-builder}.e2e.test.ts",
  "packages/{union,union-backend}/test/**/*.e2e.test.ts",
];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.e2e.test.ts"],
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "e2e",
          globalSetup: [
            "packages/envd/test/support/global-setup.ts",
            "packages/test-services/src/global-setup.ts",
          ],
          include: ["packages/*/test/**/*.e2e.test.ts"],
          exclude: [...slow, "**/node_modules/**"],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "slow",
          globalSetup: "packages/test-services/src/global-setup.ts",
          include: process.argv.includes("slow") ? slow : [],
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "packages",
          include: ["scripts/**/*.e2e.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "types",
          include: [],
          typecheck: {
            enabled: true,
            only: true,
            include: ["packages/core/src/**/*.test-d.ts"],
            tsconfig: "tsconfig.types.json",
          },
        },
      },
    ],
  },
});
