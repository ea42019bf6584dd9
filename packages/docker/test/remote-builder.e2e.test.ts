import { testEngine } from "./support/engine-suite.ts";
import { testEngineAttestations } from "./support/engine-suite-attest.ts";
import { testEnginePlatforms } from "./support/engine-suite-platforms.ts";
import { useRemoteBuilder } from "./support/newer-docker.ts";

testEngineAttestations(testEngine(() => useRemoteBuilder(), { isThorough: true }));
testEnginePlatforms();
