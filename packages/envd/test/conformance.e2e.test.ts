import { describeBuilder } from "@imagespec/builder-testkit";
import { registryClient } from "@imagespec/registry";
import { envd } from "../src/index.ts";
import { prepareSuite } from "./support/suite.ts";

const { registry, base, programs } = prepareSuite();

describeBuilder({
  create: () => envd({ binary: programs.envd }) as never,
  place: async () => ({
    registry: `${registry}/conformance`,
    client: registryClient(),
    spec: { baseImage: base },
  }),
});
