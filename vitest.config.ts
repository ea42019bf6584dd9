import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

/** The workspace's own packages are tested from their sources, so that tests need no build first. */
const conditions = ["@imagespec/source", "node", "import", "module", "default"];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: conditions } };

const engines = [
  "packages/docker/test/{flytekit,nerdctl,newer-docker,projects,projects-elsewhere,remote-builder}.e2e.test.ts",
];
/** By name alone: it needs Linux 6.7, and emulation takes its time. */
const emulated = ["packages/docker/test/arm64.e2e.test.ts"];
const union = ["packages/{union,union-backend}/test/**/*.e2e.test.ts"];
const services = "packages/test-services/src/global-setup.ts";
/** A build of an image may take minutes, and so may what the first test of a new machine installs. */
const patience = { testTimeout: 900_000, hookTimeout: 900_000 };

/**
 * Tests with a real engine and a real registry, one file after the other. What they install comes from other people's
 * servers: a test has a second try, and `npm test` tells at its end which ones needed it, and why.
 */
function endToEnd(name: string, test: NonNullable<TestProjectInlineConfiguration["test"]>) {
  const common = { name, globalSetup: services, ...patience, fileParallelism: false, retry: 1 };
  return { resolve, ssr, test: { ...common, ...test } };
}

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
      endToEnd("e2e", {
        globalSetup: ["packages/envd/test/support/global-setup.ts", services],
        include: ["packages/*/test/**/*.e2e.test.ts", "examples/*/*.test.ts"],
        exclude: [...engines, ...emulated, ...union, "**/node_modules/**"],
        sequence: { groupOrder: 1 },
      }),
      endToEnd("union", { include: union, sequence: { groupOrder: 1 } }),
      endToEnd("engines", { include: engines, sequence: { groupOrder: 3 } }),
      endToEnd("emulated", { include: emulated, sequence: { groupOrder: 4 } }),
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
