import { type ImageSpec, resolvePlan } from "@imagespec/core";
import { describe, expect, test } from "vitest";
import { emitEnvdConfig } from "../src/index.ts";
import type { Graph } from "./support/compile-graph.ts";
import { prepareCompiler } from "./support/suite.ts";

const suite = prepareCompiler();

async function compile(spec: ImageSpec): Promise<Graph> {
  const plan = await resolvePlan({ platform: "linux/amd64", ...spec });
  const { text, files } = emitEnvdConfig(plan);
  return suite.compiler.compile(text, files);
}

const lines = ({ execs }: Graph): string[] => execs.map(({ args }) => args.join(" "));

/** What needs hosts that a test cannot count on is read from the graph that envd itself makes of it. */
describe("by envd's compiler alone", () => {
  test("pythonVersion makes an environment, into which packages go", async () => {
    const graph = await compile({ baseImage: "ubuntu:22.04", pythonVersion: "3.10", packages: ["six"] });
    const create = lines(graph).findIndex((line) => line.includes("micromamba create"));
    expect(lines(graph)[create]).toContain("python=3.10");
    expect(lines(graph).indexOf("python -m pip install six")).toBeGreaterThan(create);
  });

  test("conda's packages and channels reach conda as they are", async () => {
    const graph = await compile({
      baseImage: "debian:12",
      pythonVersion: "3.11",
      condaPackages: ["numpy>=1.2,<2", "it's"],
      condaChannels: ["https://h/c d"],
    });
    const install = graph.execs.find(({ args }) => args[1] === "install");
    expect(install?.args).toEqual([
      ...["/opt/conda/bin/micromamba", "install", "-n", "envd"],
      ...["-c", "https://h/c d", "it's", "numpy>=1.2,<2"],
    ]);
    expect(lines(graph).some((line) => line.includes("create -n envd python=3.11"))).toBe(true);
  });

  test("cuda starts from NVIDIA's image for the same Ubuntu", async () => {
    const spec: ImageSpec = { baseImage: "ubuntu:22.04", cuda: "12.2.2", cudnn: "8", commands: ["true"] };
    const { images } = await compile(spec);
    expect(images).toEqual(["docker.io/nvidia/cuda:12.2.2-cudnn8-runtime-ubuntu22.04"]);
  });
});
