import { defineConfig } from "vitest/config";

/** The workspace's own packages are tested from their sources, so that tests need no build first. */
const conditions = ["@imagespec/source", "node", "import", "module", "default"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: conditions } };

const engines = [
  "packages/docker/test/{nerdctl,newer-docker,projects,projects-elsewhere,remote-builder}.e2e.test.ts",
];
const union = ["packages/{union,union-backend}/test/**/*.e2e.test.ts"];
const services = "packages/test-services/src/global-setup.ts";
/** A build of an image may take minutes, and so may what the first test of a new machine installs. */
const patience = { testTimeout: 900_000, hookTimeout: 900_000 };

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
          globalSetup: ["packages/envd/test/support/global-setup.ts", services],
          include: ["packages/*/test/**/*.e2e.test.ts", "examples/*/*.test.ts"],
          exclude: [...engines, ...union, "**/node_modules/**"],
          ...patience,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "union",
          globalSetup: services,
          include: union,
          ...patience,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "engines",
          globalSetup: services,
          include: engines,
          ...patience,
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
