import { BuilderRegistry, createEngine, defineImage } from "@imagespec/core";
import { registryClient } from "@imagespec/registry";
import { union } from "@imagespec/union";

const image = defineImage({
  name: "train",
  builder: "union",
  baseImage: "python:3.12-slim-bookworm",
  requirements: "uv.lock",
  sourceRoot: "src",
});

const registry = registryClient();
const builders = new BuilderRegistry().register(union({ project: "vision", domain: "development" }));
const engine = createEngine({ builders, registry });
const [outcome] = await engine.build([image]);
console.log(outcome?.status, outcome?.image?.reference, outcome?.image?.digest);
await registry.close();
