import { vi } from "vitest";
import type { Existence } from "../src/builder/builder.ts";
import type { RegistryService } from "../src/engine/registry-service.ts";
import type { ImageLock, LockedImage } from "../src/lock/image-lock.ts";

export const python = "docker.io/library/python:3.12-slim-bookworm";

/** A digest that is one digit all over. */
export function digestOf(digit: string): string {
  return `sha256:${digit.repeat(64)}`;
}

export function lockedImage(digit: string, ...platforms: readonly string[]): LockedImage {
  const names = platforms.length === 0 ? ["linux/amd64"] : platforms;
  return {
    digest: digestOf(digit),
    platforms: new Map(names.map((name, index) => [name, digestOf(String(index))])),
  };
}

export function lockOf(images: Readonly<Record<string, LockedImage>>): ImageLock {
  return { recipe: 1, tools: new Map(), images: new Map(Object.entries(images)) };
}

export type Registry = Pick<RegistryService, "exists">;

/** A registry that has these images, and of others says that they are absent. */
export function registryWith(answers: Readonly<Record<string, LockedImage | Existence>>): Registry {
  return {
    exists: vi.fn(async (reference: string): Promise<Existence> => {
      const answer = answers[reference];
      if (!answer) return { verdict: "absent" };
      if ("verdict" in answer) return answer;
      const platforms = [...answer.platforms].map(([platform, digest]) => ({ platform, digest }));
      return { verdict: "present", image: { reference, digest: answer.digest, platforms } };
    }),
  };
}
