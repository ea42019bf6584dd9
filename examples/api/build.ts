import { BuilderRegistry, createEngine, defineImage } from "@imagespec/core";
import { docker } from "@imagespec/docker";
import { registryClient } from "@imagespec/registry";

const image = defineImage({
  name: "app",
  registry: "ghcr.io/org",
  pythonVersion: "3.12",
  packages: ["pandas>=2"],
});

const registry = registryClient();
const engine = createEngine({ builders: new BuilderRegistry().register(docker()), registry });
const [outcome] = await engine.build([image]);
console.log(outcome?.status, outcome?.reference, outcome?.image?.digest);
await registry.close();
