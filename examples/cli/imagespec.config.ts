import { defineConfig } from "imagespec";

export default defineConfig({
  defaults: { registry: "ghcr.io/org", pythonVersion: "3.12" },
  registries: {
    "registry.example.com:5000": { ca: "company.pem" },
    "docker.io": { mirrors: ["mirror.example.com/dockerhub"] },
  },
  images: {
    api: { packages: ["fastapi", "uvicorn"], sourceRoot: "api" },
    worker: { requirements: "requirements.txt", sourceRoot: "worker" },
  },
});
