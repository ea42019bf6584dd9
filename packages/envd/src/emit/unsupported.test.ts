import { type ImageSpec, resolvePlan } from "@imagespec/core";
import { expect, test } from "vitest";
import { emitEnvdConfig } from "./emit-envd-config.ts";

test.each<readonly [ImageSpec, string, string]>([
  [{ pipIndex: "https://me:hunter2@index.example/simple" }, "SPEC_CREDENTIALS_IN_URL", "pipIndex"],
  [{ pipSecretMounts: [["token", "/run/token"]] }, "SPEC_UNSUPPORTED_FIELD", "pipSecretMounts"],
])(
  "what only a builder with secrets can do is refused by the emitter alone too: %j",
  async (spec, code, field) => {
    const plan = await resolvePlan({
      baseImage: "debian:12",
      platform: "linux/amd64",
      packages: ["a"],
      ...spec,
    });
    expect(() => emitEnvdConfig(plan)).toThrow(
      expect.objectContaining({ code, details: expect.objectContaining({ field }) }),
    );
  },
);
