import { registryClient } from "@imagespec/registry";

const client = registryClient({
  registries: {
    "docker.io": { mirrors: ["mirror.example.com/dockerhub"] },
    "registry.example.com:5000": { ca: "/etc/ssl/company.pem" },
  },
  onWarning: ({ message, hint }) => console.warn(message, hint),
});

const existence = await client.exists("ghcr.io/org/app:v1", { platforms: ["linux/amd64", "linux/arm64"] });
if (existence.verdict === "present") console.log(existence.image.digest, existence.image.platforms);
if (existence.verdict === "absent") console.log("not there", existence.missingPlatforms ?? "at all");
if (existence.verdict === "unknown") console.log(existence.reason, existence.detail, existence.hint);

const permission = await client.checkPush("ghcr.io/org/app");
if (permission.verdict === "denied") console.log(permission.code, permission.hint);

const access = await client.checkPublic("ghcr.io/org/app:v1");
if (access.verdict === "private") console.log(access.hint);

await client.close();
