import { BuilderRegistry, createEngine, defineImage } from "@imagespec/core";
import { envd } from "@imagespec/envd";
import { registryClient } from "@imagespec/registry";

const image = defineImage({
  name: "train",
  registry: "ghcr.io/org",
  builder: "envd",
  pythonVersion: "3.12",
  packages: ["pandas>=2"],
  builderOptions: { envd: { context: { builder: "tcp", address: "buildkit.internal:1234" } } },
});

const registry = registryClient();
const engine = createEngine({ builders: new BuilderRegistry().register(envd()), registry });
const [outcome] = await engine.build([image]);
console.log(outcome?.status, outcome?.reference, outcome?.image?.digest);
await registry.close();
