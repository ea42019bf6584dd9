import { ImageSpecError } from "@imagespec/core";
import type { Endpoint } from "./endpoint.ts";
import { NO_ROOM } from "./no-room.ts";
import { SSH_FAULT } from "./ssh-agent.ts";

type Fault = Readonly<{
  code?: unknown;
  statusCode?: unknown;
  reason?: unknown;
  message?: unknown;
  json?: unknown;
}>;

const unreachable = new Set([
  "ENOENT",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);
const lost = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED", "ERR_STREAM_PREMATURE_CLOSE"]);

/** The typed error for what went wrong between us and an engine. Errors that are typed already stay as they are. */
export function engineFault(error: unknown, endpoint: Endpoint): ImageSpecError {
  if (ImageSpecError.isInstance(error)) return error;
  const fault: Fault = typeof error === "object" && error !== null ? error : {};
  const code = String(fault.code ?? "");
  if (typeof fault.statusCode === "number") return refused(fault, endpoint, error);
  if (code === "EACCES" || code === "EPERM") return forbidden(endpoint, error);
  if (unreachable.has(code) || isTimeout(fault)) return notFound(endpoint, error);
  if (lost.has(code)) return engineLost(endpoint, error);
  if (isTlsCode(code)) return untrusted(endpoint, error);
  if (code === SSH_FAULT) return sshFailed(endpoint, error);
  return new ImageSpecError("ENGINE_ERROR", `the engine at ${endpoint.address} failed: ${text(fault)}`, {
    cause: error,
    hint: "docker version   shows whether docker's own command can talk to it",
  });
}

/** The engine went away in the middle of something. */
export function engineLost(endpoint: Endpoint, cause?: unknown): ImageSpecError {
  return new ImageSpecError(
    "ENGINE_LOST",
    `the engine at ${endpoint.address} went away before it had finished`,
    {
      cause,
      hint: "docker info   shows whether it runs again; sudo journalctl -u docker -n 50   why it stopped",
    },
  );
}

/** What an engine said, without the client's own wrapping. */
export function engineMessage(error: unknown): string {
  const { json, message } = error as Fault;
  const said =
    typeof json === "object" && json !== null ? (json as { message?: unknown }).message : undefined;
  if (typeof said === "string") return said.trim();
  return String(message ?? error)
    .replace(/^\(HTTP code \d+\) [^-]* - /, "")
    .trim();
}

function refused(fault: Fault, endpoint: Endpoint, cause: unknown): ImageSpecError {
  const message = engineMessage(fault);
  if (NO_ROOM.test(message)) return full(endpoint, message, cause);
  if (/HTTP request to an? HTTPS server/i.test(message)) return untrusted(endpoint, cause);
  return new ImageSpecError("ENGINE_ERROR", `the engine at ${endpoint.address} refused: ${message}`, {
    cause,
    hint: "docker version   shows the engine's version; 20.10 or newer is needed",
  });
}

function full({ address }: Endpoint, message: string, cause: unknown): ImageSpecError {
  return new ImageSpecError("ENGINE_DISK_FULL", `the disk of the engine at ${address} is full: ${message}`, {
    cause,
    hint: "df -h   on the engine's machine shows which; docker system prune   or podman system prune   frees what nothing uses",
  });
}

function notFound(endpoint: Endpoint, cause: unknown): ImageSpecError {
  const isDefault = endpoint.source === "default";
  return new ImageSpecError(
    "ENGINE_NOT_FOUND",
    `no engine answers at ${endpoint.address} (${endpoint.source})`,
    {
      cause,
      hint: isDefault
        ? "sudo systemctl start docker   starts it; another one: export DOCKER_HOST=unix:///path/to/docker.sock"
        : whereElse(endpoint.source),
    },
  );
}

function whereElse(source: string): string {
  if (source === "DOCKER_HOST") return "start that engine, or go back to the local one: unset DOCKER_HOST";
  return "start that engine, or go back to the local one: docker context use default";
}

function forbidden(endpoint: Endpoint, cause: unknown): ImageSpecError {
  return new ImageSpecError(
    "ENGINE_PERMISSION",
    `this user may not talk to the engine at ${endpoint.address}`,
    {
      cause,
      hint: 'sudo usermod -aG docker "$USER" && newgrp docker',
    },
  );
}

function untrusted(endpoint: Endpoint, cause: unknown): ImageSpecError {
  const why = engineMessage(cause);
  return new ImageSpecError(
    "ENGINE_TLS",
    `no trusted connection to the engine at ${endpoint.address}: ${why}`,
    {
      cause,
      hint: "export DOCKER_TLS_VERIFY=1 DOCKER_CERT_PATH=/folder/with/ca.pem,cert.pem,key.pem",
    },
  );
}

function sshFailed(endpoint: Endpoint, cause: unknown): ImageSpecError {
  const words = endpoint.kind === "ssh" ? endpoint.arguments.join(" ") : "";
  return new ImageSpecError("ENGINE_SSH", `no engine behind ${endpoint.address}: ${engineMessage(cause)}`, {
    cause,
    hint: `ssh ${words} docker version   has to work without asking for anything`,
  });
}

function isTlsCode(code: string): boolean {
  return /^(ERR_(SSL|TLS|OSSL)_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HPE_)/.test(code);
}

function isTimeout(fault: Fault): boolean {
  return fault.code === "ETIMEDOUT" || (fault as { name?: unknown }).name === "TimeoutError";
}

function text(fault: Fault): string {
  return String(fault.message ?? "for no stated reason");
}
