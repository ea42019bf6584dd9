import { BuilderRegistry, createEngine, defineImage } from "@imagespec/core";
import { docker } from "@imagespec/docker";

const baseImage = process.env.BASE_IMAGE ?? "python:3.12-slim";
const image = defineImage({ name: "hello", baseImage, commands: ["echo hello > /hello"] });

const engine = createEngine({ builders: new BuilderRegistry().register(docker()) });
const [outcome] = await engine.build([image]);
if (outcome?.error) throw outcome.error;
console.log(outcome?.status, outcome?.reference);
