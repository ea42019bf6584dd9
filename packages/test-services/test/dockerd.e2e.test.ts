import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Dockerd, startDockerd } from "../src/dockerd.ts";

const links = "/sys/class/net";
/** `NET_ADDR_SET` of Linux' netdevice.h: somebody gave the link its address. */
const GIVEN = "3";

let engine: Dockerd | undefined;

afterEach(() => engine?.stop());

function bridgesOf(directory: string): readonly string[] {
  const aliasOf = (link: string) => readFileSync(join(links, link, "ifalias"), "utf8").trim();
  return readdirSync(links).filter((link) => aliasOf(link) === basename(directory));
}

test("a bridge keeps its address whatever container ends, and is gone with its engine", async () => {
  engine = await startDockerd();
  const bridges = bridgesOf(engine.directory);
  expect(bridges).toHaveLength(1);
  expect(readFileSync(join(links, bridges[0]!, "addr_assign_type"), "utf8").trim()).toBe(GIVEN);
  await engine.stop();
  expect(bridgesOf(engine.directory)).toEqual([]);
});
