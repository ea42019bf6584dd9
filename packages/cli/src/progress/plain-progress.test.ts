import type { BuildEvent } from "@imagespec/core";
import { expect, test } from "vitest";
import { plainProgress } from "./plain-progress.ts";

test("each line of a step carries its number and its image", () => {
  const written: string[] = [];
  const { onEvent } = plainProgress({ stderr: { write: (text: string) => written.push(text) } as never });
  const [api, web] = ["ghcr.io/org/api:1", "ghcr.io/org/web:1"];
  const log = (image: string, line: string): BuildEvent => ({
    type: "step-log",
    image,
    step: "a",
    stream: "stdout",
    line,
  });
  const events: readonly BuildEvent[] = [
    { type: "image-planned", image: api, name: "api", builder: "docker", platforms: [] },
    { type: "image-planned", image: web, name: "web", builder: "docker", platforms: [] },
    { type: "build-start", image: api, time: 0, builder: "docker", forced: false },
    { type: "build-start", image: web, time: 0, builder: "docker", forced: false },
    { type: "step-start", image: api, step: "a", name: "pip install", time: 0 },
    { type: "step-start", image: web, step: "a", name: "pip install", time: 0 },
    log(api, "Collecting fastapi"),
    log(web, "\u001B[31mCollecting\u001B[0m flask\u0007"),
    log(web, " 10%\r100%"),
    { type: "step-end", image: api, step: "a", time: 2500, cached: false },
    { type: "step-end", image: web, step: "a", time: 2600, cached: false, error: "exit code: 1" },
    { type: "image-end", image: api, time: 3000, status: "built", digest: "sha256:1" },
    { type: "image-end", image: web, time: 3000, status: "failed" },
  ];
  events.forEach(onEvent);
  expect(written.join("")).toMatchInlineSnapshot(`
    "api: building ghcr.io/org/api:1 with docker
    web: building ghcr.io/org/web:1 with docker
    #1 api pip install
    #2 web pip install
    #1 api | Collecting fastapi
    #2 web | Collecting flask
    #2 web | 100%
    #1 api DONE 2.5s
    #2 web FAILED exit code: 1
    api: built ghcr.io/org/api:1@sha256:1 in 3.0s
    web: failed ghcr.io/org/web:1 in 3.0s
    "
  `);
});
