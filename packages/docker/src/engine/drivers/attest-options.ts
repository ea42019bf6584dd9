import type { DockerOptions } from "../../options.ts";

/** What buildx attaches: nothing but what is asked for, whatever its own default is. */
export function attestOptions({ attest = {} }: DockerOptions): readonly string[] {
  const { sbom = false, provenance = false } = attest;
  const scanner = typeof sbom === "boolean" ? String(sbom) : `generator=${sbom.generator}`;
  const mode = typeof provenance === "string" ? `mode=${provenance}` : String(provenance);
  return [`--sbom=${scanner}`, `--provenance=${mode}`];
}
