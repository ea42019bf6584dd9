import { describe } from "vitest";
import { testEngineProjects } from "./support/engine-suite-projects.ts";
import { usePodman, useProgram, useSharedDocker } from "./support/engine-under-test.ts";

describe("buildah", () => testEngineProjects(() => useProgram("buildah"), ["poetry"]));

describe("podman by its socket", () => testEngineProjects(usePodman, ["uv"]));

describe("podman's program", () => testEngineProjects(() => useProgram("podman-cli"), ["uv"]));

describe("Docker 20.10 by its API", () => {
  testEngineProjects(() => useSharedDocker("docker", {}), ["uv", "poetry"]);
});
