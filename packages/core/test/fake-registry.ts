import type { Existence } from "../src/builder/builder.ts";
import type { PushPermission, RegistryService } from "../src/engine/registry-service.ts";

/** A registry that is a map of digests by reference, and remembers what it was asked. */
export type FakeRegistry = RegistryService & { pushed: Map<string, string>; asked: string[] };

export function fakeRegistry(
  options: { answer?: Existence; permission?: PushPermission } = {},
): FakeRegistry {
  const pushed = new Map<string, string>();
  const asked: string[] = [];
  return {
    pushed,
    asked,
    async exists(reference) {
      asked.push(reference);
      const digest = pushed.get(reference);
      if (digest) return { verdict: "present", image: { reference, digest } };
      return options.answer ?? { verdict: "absent" };
    },
    imageConfig: async () => undefined,
    credentials: async () => ({ kind: "basic", username: "u", password: "hunter2-password", source: "test" }),
    checkPush: async () => options.permission ?? { verdict: "allowed" },
    async verifyPush(reference, expected) {
      asked.push(reference);
      const found = pushed.get(reference) ?? "none";
      const differences = [{ what: "digest" as const, expected: expected.digest ?? "an image", found }];
      if (found !== expected.digest) return { verdict: "different", differences };
      return { verdict: "verified", image: { reference, digest: found } };
    },
    forget: () => {},
    close: async () => {},
  };
}
