import { putImage, startRegistry } from "@imagespec/registry/testing";

const registry = await startRegistry();
const image = putImage(registry, "org/app", { tags: ["v1"], platforms: ["linux/amd64", "linux/arm64"] });
registry.addFault({ fault: { kind: "rate-limit", retryAfter: 1 }, path: "/v2/org/app/manifests/v1", nth: 1 });

for (const attempt of [1, 2]) {
  const { status, headers } = await fetch(`${registry.url}/v2/org/app/manifests/v1`, { method: "HEAD" });
  console.log(attempt, status, headers.get("docker-content-digest") === image.digest);
}
console.log(registry.requests.map(({ method, status, connection }) => ({ method, status, connection })));
await registry.close();
