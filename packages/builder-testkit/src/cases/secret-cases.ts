import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { inspect } from "node:util";
import type { ImageSpec } from "@imagespec/core";
import type { BuildPlace } from "../builder-under-test.ts";
import type { ConformanceCase, Kit } from "../kit.ts";
import { type Build, freshSpec, runBuild } from "../run-build.ts";

/** Everything that a build said, errors with their causes and stacks. */
function everything({ outcome, events }: Build): string {
  return inspect({ outcome, events }, { depth: 12, maxArrayLength: null, maxStringLength: null });
}

function assertSilent(build: Build, secrets: readonly string[]): void {
  const text = everything(build);
  for (const secret of secrets) {
    for (const form of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)]) {
      assert(!text.includes(form), "a secret stands in an event, an error or the result");
    }
  }
}

/** A spec that mounts a secret of its own, where the builder has them. */
async function withSecret(kit: Kit, place: BuildPlace, secret: string): Promise<ImageSpec> {
  if (kit.builder.capabilities.secrets !== true || !place.packages) return {};
  await writeFile(path.join(kit.cwd, "secret.txt"), secret, { mode: 0o600 });
  return { packages: place.packages, pipSecretMounts: [["secret.txt", "/run/secrets/conformance"]] };
}

export const secretCases: readonly ConformanceCase[] = [
  {
    name: "secrets stand in no event, error or result, of builds that succeed and of builds that fail",
    async run(kit) {
      const place = await kit.place();
      const secret = randomBytes(18).toString("base64url");
      const more = await withSecret(kit, place, secret);
      const secrets = [...(place.secrets ?? []), ...("pipSecretMounts" in more ? [secret] : [])];
      if (secrets.length === 0) return kit.skip("the place names no secrets, and the builder mounts none");
      assertSilent(await runBuild(kit, freshSpec(kit, place, more)), secrets);
      if (kit.builder.capabilities.commands !== true) return;
      assertSilent(await runBuild(kit, freshSpec(kit, place, { ...more, commands: ["exit 7"] })), secrets);
    },
  },
];
