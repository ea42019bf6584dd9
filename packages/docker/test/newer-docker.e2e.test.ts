import { describe } from "vitest";
import { testEngine } from "./support/engine-suite.ts";
import { useNewerDocker } from "./support/newer-docker.ts";

describe.each(["graphdriver", "containerd"] as const)("images kept by %s", (store) => {
  testEngine(() => useNewerDocker(store));
});
