import { testEngineProjects } from "./support/engine-suite-projects.ts";
import { useEmulation } from "./support/use-emulation.ts";

testEngineProjects(useEmulation, ["uv-arm64"]);
