import { BuilderRegistry, createEngine, defineImage, readLock } from "@imagespec/core";
import { docker } from "@imagespec/docker";

const image = defineImage({ name: "app", packages: ["pandas>=2"] });

const builders = new BuilderRegistry().register(docker());
const engine = createEngine({ builders, lock: readLock("imagespec.lock.json") });
const [resolved] = await engine.resolve([image]);
console.log(resolved?.reference, resolved?.plan.base);
