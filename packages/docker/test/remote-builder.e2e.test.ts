import { testEngine } from "./support/engine-suite.ts";
import { testEngineAttestations } from "./support/engine-suite-attest.ts";
import { useRemoteBuilder } from "./support/newer-docker.ts";

testEngineAttestations(testEngine(() => useRemoteBuilder(), { isThorough: true }));
