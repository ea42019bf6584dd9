import { onTestFinished } from "vitest";
import type { RegistryOptions } from "../options.ts";
import { startRegistry } from "../start-registry.ts";
import type { TestRegistry } from "../test-registry.ts";
import { type Reply, type Sending, send } from "./send.ts";

export type Running = Readonly<{
  registry: TestRegistry;
  /** One request, as {@link send}. */
  ask(target: string, sending?: Sending): Promise<Reply>;
}>;

/** A registry that ends with the test. */
export async function running(options: RegistryOptions = {}): Promise<Running> {
  const registry = await startRegistry(options);
  onTestFinished(() => registry.close());
  return { registry, ask: (target, sending) => send(registry.url, target, sending) };
}
