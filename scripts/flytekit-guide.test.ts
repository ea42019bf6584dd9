import { describe, expect, test } from "vitest";
import { imageSpecFields, parseImageSpec } from "../packages/core/src/index.ts";
import { filesBelow, read } from "./documents.ts";

const guide = read("docs/coming-from-flytekit.md");

/** Every field of flytekit 1.16.31's `ImageSpec`, with a value that its YAML files may hold. */
const flytekitFields = {
  name: "training",
  python_version: "3.12",
  builder: "default",
  source_root: "src",
  env: { STAGE: "production" },
  registry: "ghcr.io/org",
  packages: ["pandas"],
  conda_packages: ["gdal"],
  conda_channels: ["conda-forge"],
  requirements: "requirements.txt",
  apt_packages: ["git"],
  cuda: "12.4",
  cudnn: "9",
  base_image: { name: "base" },
  platform: "linux/amd64,linux/arm64",
  pip_index: "https://pypi.example.com/simple",
  pip_extra_index_url: ["https://wheels.example.com/simple"],
  pip_secret_mounts: [["netrc", "/root/.netrc"]],
  pip_extra_args: "--pre",
  registry_config: "config.json",
  entrypoint: [],
  commands: ["true"],
  tag_format: "{spec_hash}-dev",
  source_copy_mode: "LOADED_MODULES",
  copy: ["config.json"],
  python_exec: "/opt/venv/bin/python",
  runtime_packages: ["debugpy"],
  builder_options: { docker: { engine: "docker" } },
  builder_config: { uv_image: "uv:1", micromamba_image: "micromamba:1" },
};

describe.each(Object.entries(flytekitFields))("flytekit's %s", (field, value) => {
  test("loads", () => expect(Object.keys(parseImageSpec({ [field]: value }))).toHaveLength(1));
  test("has its place in the guide", () =>
    expect(guide).toMatch(new RegExp(`^\\| .*\`${field}\`.* \\|`, "m")));
});

test("what is new here is all named", () => {
  const [, line = ""] = /^New here: (.*?)\. /m.exec(guide) ?? [];
  const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  const known = new Set(Object.keys(flytekitFields).map(camelCase));
  const added = imageSpecFields.filter((field) => !known.has(field));
  expect([...line.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort()).toEqual([...added].sort());
});

test("every variable of flyte that is read has its place in the guide", () => {
  const sources = ["cli", "core", "docker", "envd"]
    .flatMap((name) => filesBelow(`packages/${name}/src`, /(?<!\.test)\.ts$/))
    .map(read);
  const names = new Set(sources.flatMap((text) => text.match(/\bFLYTE_[A-Z_]+\b/g) ?? []));
  expect(names.size).toBeGreaterThan(5);
  for (const name of names) expect(guide).toContain(`\`${name}\``);
});
