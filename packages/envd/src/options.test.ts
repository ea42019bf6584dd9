import { expect, test } from "vitest";
import { envdOptionsSchema } from "./options.ts";

const validate = envdOptionsSchema["~standard"].validate;

test.each([
  [{}],
  [{ binary: "/opt/envd", timeout: 60, uv: "uv", poetry: "poetry" }],
  [{ context: "mine" }],
  [{ context: { builder: "unix", address: "/run/b.sock" } }],
  [{ context: { builder: "moby-worker" } }],
  [{ exportCache: "type=registry,ref=h/a", importCache: "type=registry,ref=h/a" }],
  [{ output: { compression: "zstd", "annotation.a/b": "c" } }],
  [{ binary: undefined }],
])("%j", (value) => {
  expect(validate(value)).toEqual({ value });
});

test.each([
  [null, "must be an object"],
  [{ binari: "x" }, "unknown option: did you mean binary?"],
  [{ binary: "--help" }, "must be the name or path of a program"],
  [{ timeout: 0 }, "must be a number of seconds"],
  [{ context: "-x" }, "must be the name of a context"],
  [{ context: 1 }, "must be the name of a context, or { builder, address }"],
  [{ context: { builder: "podman", address: "x" } }, expect.stringContaining("builder must be one of unix")],
  [{ context: { builder: "tcp" } }, "a tcp needs an address"],
  [{ context: { builder: "tcp", address: "a", port: 1 } }, "unknown option port: known are builder, address"],
  [{ exportCache: "--output=x" }, expect.stringContaining("type=registry")],
  [{ output: { push: "false" } }, "push is set by the builder"],
  [{ output: { "a b": "c" } }, '"a b" is no attribute with a text'],
  [{ output: { a: "b\nc" } }, '"a" is no attribute with a text'],
])("%j is refused", (value, message) => {
  expect(validate(value)).toMatchObject({ issues: [{ message }] });
});
