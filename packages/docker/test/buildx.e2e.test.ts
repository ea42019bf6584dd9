import { describe } from "vitest";
import { testEngine } from "./support/engine-suite.ts";
import { useBuildx, useRemoteBuilder } from "./support/newer-docker.ts";

describe("buildx with Docker 26", () => {
  testEngine(() => useBuildx("containerd"));
});

describe("buildx with a remote buildkitd", () => {
  testEngine(() => useRemoteBuilder());
});
