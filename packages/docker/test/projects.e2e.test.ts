import { describe } from "vitest";
import { testEngineProjects } from "./support/engine-suite-projects.ts";
import { usePodman, useProgram } from "./support/engine-under-test.ts";

describe("buildah", () => testEngineProjects(() => useProgram("buildah"), ["uv", "mirrors"]));

describe("podman by its socket", () => testEngineProjects(usePodman, ["poetry"]));
