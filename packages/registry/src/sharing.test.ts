import { describe, expect, it } from "vitest";
import { privateClient } from "./test-support/private-client.ts";
import { putImage } from "./testing/index.ts";
import { running } from "./testing/test-support/running.ts";

describe("answers", () => {
  it("that are positive are remembered until they are forgotten; others never are", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const client = privateClient();
    const ask = async (tag: string): Promise<number> => {
      registry.clearRequests();
      await client.exists(`${registry.host}/app:${tag}`);
      return registry.requests.length;
    };
    expect([await ask("v1"), await ask("v1")]).toEqual([1, 0]);
    expect([await ask("v2"), await ask("v2")]).toEqual([2, 2]);
    registry.addFault({ fault: { kind: "status", status: 403 }, path: /v3/ });
    expect([await ask("v3"), await ask("v3")]).toEqual([2, 2]);
    client.forget(`${registry.host}/app:v1`);
    expect(await ask("v1")).toBe(1);
  });

  it("are shared by those who ask at once, and each may give up alone", async () => {
    const { registry } = await running();
    const { digest } = putImage(registry, "app", { tags: ["v1"] });
    const fault = registry.addFault({ fault: { kind: "delay" }, path: /manifests/ });
    const client = privateClient();
    const name = `${registry.host}/app:v1`;
    const controller = new AbortController();
    const [one, two, three] = [
      client.exists(name, { signal: controller.signal }),
      client.exists(name),
      client.exists(name, { signal: new AbortController().signal }),
    ];
    await fault.reached();
    controller.abort(new Error("enough"));
    await expect(one).rejects.toThrow("enough");
    fault.release();
    expect(await two).toMatchObject({ verdict: "present", image: { digest } });
    expect(await three).toEqual(await two);
    expect(registry.requests.filter(({ method }) => method === "HEAD")).toHaveLength(1);
  });

  it("that arrive after a push was announced are not kept", async () => {
    const { registry } = await running();
    putImage(registry, "app", { tags: ["v1"] });
    const fault = registry.addFault({ fault: { kind: "delay" }, path: /manifests/, nth: 1 });
    const client = privateClient();
    const name = `${registry.host}/app:v1`;
    const before = client.exists(name);
    await fault.reached();
    client.forget(name);
    const after = client.exists(name);
    fault.release();
    await Promise.all([before, after]);
    expect(registry.requests.filter(({ method }) => method === "HEAD")).toHaveLength(2);
  });

  it("end with the last who asked", async () => {
    const { registry } = await running();
    const fault = registry.addFault({ fault: { kind: "delay" }, path: /manifests/ });
    const client = privateClient();
    const controller = new AbortController();
    const asked = [1, 2].map(() => client.exists(`${registry.host}/app:v1`, { signal: controller.signal }));
    await fault.reached();
    controller.abort(new Error("enough"));
    for (const question of asked) await expect(question).rejects.toThrow("enough");
  });
});
