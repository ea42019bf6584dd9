import { expect, test } from "vitest";
import type { Endpoint } from "./endpoint.ts";
import { engineFault } from "./engine-fault.ts";

const endpoint: Endpoint = {
  kind: "unix",
  path: "/var/run/docker.sock",
  address: "unix:///var/run/docker.sock",
  source: "default",
};

function fault(error: object, source = "default") {
  const { code, message, details } = engineFault(error, { ...endpoint, source });
  return `${code}: ${message} | ${details.hint}`;
}

const coded = (code: string, message = code) => Object.assign(new Error(message), { code });

test("an engine that is not there", () => {
  expect(fault(coded("ENOENT"))).toMatchInlineSnapshot(
    `"ENGINE_NOT_FOUND: no engine answers at unix:///var/run/docker.sock (default) | sudo systemctl start docker   starts it; another one: export DOCKER_HOST=unix:///path/to/docker.sock"`,
  );
  expect(fault(coded("ECONNREFUSED"), "DOCKER_HOST")).toMatchInlineSnapshot(
    `"ENGINE_NOT_FOUND: no engine answers at unix:///var/run/docker.sock (DOCKER_HOST) | start that engine, or go back to the local one: unset DOCKER_HOST"`,
  );
  expect(fault(coded("ENOTFOUND"), "docker context lab")).toMatchInlineSnapshot(
    `"ENGINE_NOT_FOUND: no engine answers at unix:///var/run/docker.sock (docker context lab) | start that engine, or go back to the local one: docker context use default"`,
  );
  expect(fault(new DOMException("time", "TimeoutError"))).toMatch(/^ENGINE_NOT_FOUND/);
});

test("an engine that this user may not talk to", () => {
  expect(fault(coded("EACCES"))).toMatchInlineSnapshot(
    `"ENGINE_PERMISSION: this user may not talk to the engine at unix:///var/run/docker.sock | sudo usermod -aG docker "$USER" && newgrp docker"`,
  );
});

test("an engine that went away", () => {
  expect(fault(coded("ECONNRESET"))).toMatchInlineSnapshot(
    `"ENGINE_LOST: the engine at unix:///var/run/docker.sock went away before it had finished | docker info   shows whether it runs again; sudo journalctl -u docker -n 50   why it stopped"`,
  );
  expect(fault(coded("EPIPE"))).toMatch(/^ENGINE_LOST/);
});

test.each(["DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "EPROTO"])(
  "an engine that is not trusted: %s",
  (code) => {
    expect(fault(coded(code, "self-signed certificate"))).toMatch(/^ENGINE_TLS: .*self-signed certificate/);
  },
);

test("an engine that speaks TLS where none was expected", () => {
  const message = "(HTTP code 400) unexpected - Client sent an HTTP request to an HTTPS server.";
  expect(fault(Object.assign(new Error(message), { statusCode: 400 }))).toMatch(/^ENGINE_TLS/);
});

test("what the engine says is kept, without the client's wrapping", () => {
  const refused = (message: string) =>
    fault(
      Object.assign(new Error("(HTTP code 500) server error - x"), { statusCode: 500, json: { message } }),
    );
  expect(refused("no such thing")).toMatchInlineSnapshot(
    `"ENGINE_ERROR: the engine at unix:///var/run/docker.sock refused: no such thing | docker version   shows the engine's version; 20.10 or newer is needed"`,
  );
  expect(refused("no space left on device")).toMatchInlineSnapshot(
    `"ENGINE_DISK_FULL: the disk of the engine at unix:///var/run/docker.sock is full: no space left on device | df -h   on the engine's machine shows which; docker system prune   or podman system prune   frees what nothing uses"`,
  );
  const streamed = Object.assign(new Error("(HTTP code 500) server error - session not found "), {
    statusCode: 500,
  });
  expect(fault(streamed)).toContain("refused: session not found |");
});

test("what is typed already stays as it is", () => {
  const typed = engineFault(coded("EACCES"), endpoint);
  expect(engineFault(typed, endpoint)).toBe(typed);
});
