import { expect, test } from "vitest";
import { dockerOptionsSchema } from "./options.ts";

const validate = dockerOptionsSchema["~standard"].validate;

test("options that are right are given back", () => {
  const options = {
    uvImage: "ghcr.io/org/uv:0.5",
    micromambaImage: "localhost:5000/micromamba@sha256:".concat("a".repeat(64)),
    caCertificates: "certs/company ca.pem",
    keepCaCertificates: true,
    aptMirrors: { "http://deb.example.org/debian": "https://mirror.example.com:8443/debian" },
    pipMirror: "https://mirror.example.com/root/pypi/+simple/",
    baseUser: "1000:1000",
    attest: { sbom: { generator: "mirror.example.com/docker/buildkit-syft-scanner:1" }, provenance: "max" },
  };
  expect(validate(options)).toEqual({ value: options });
  expect(validate({})).toEqual({ value: {} });
});

test.each([
  [{ uvimage: "x" }, "uvimage", "unknown option: did you mean uvImage?"],
  [
    { somethingElse: 1 },
    "somethingElse",
    expect.stringMatching("^unknown option: known are uvImage, micromambaImage, "),
  ],
  [{ toString: 1 }, "toString", expect.stringContaining("unknown option")],
  [{ uvImage: 5 }, "uvImage", "must be the name of an image"],
  [{ uvImage: "" }, "uvImage", "must be the name of an image"],
  [{ uvImage: "UPPER/case:1" }, "uvImage", expect.stringContaining("is not an image reference")],
  [
    { pipMirror: "https://user:password@mirror.example.com" },
    "pipMirror",
    expect.stringMatching("without a login"),
  ],
  [
    { pipMirror: "https://mirror.example.com/$(id)" },
    "pipMirror",
    expect.stringMatching("the address of a mirror"),
  ],
  [
    { aptMirrors: { "deb.example.org": "https://x" } },
    "aptMirrors",
    expect.stringMatching("must be such as"),
  ],
  [{ keepCaCertificates: "yes" }, "keepCaCertificates", "must be true or false"],
  [{ attest: true }, "attest", "must be { sbom: true, provenance: true }"],
  [{ caCertificates: "a\nb" }, "caCertificates", "must be the path of a PEM file"],
])("%j is refused at the option's own path", (options, name, message) => {
  expect(validate(options)).toEqual({ issues: [{ message, path: [name] }] });
});

test.each([
  { sbom: "yes" },
  { sbom: {} },
  { sbom: { generator: "a,b=c" } },
  { sbom: { generator: "a", b: 1 } },
])("%j are no attestations", (attest) => {
  const message = expect.stringMatching(/^has sbom: true, false or \{ generator/);
  expect(validate({ attest })).toEqual({ issues: [{ message, path: ["attest"] }] });
});

test("secrets may name their steps", () => {
  const secretMounts = [
    { secret: "token", target: "TOKEN" },
    { secret: "keys/netrc", target: "/root/.netrc", steps: ["apt", "pip", "conda", "commands"] },
  ];
  expect(validate({ secretMounts })).toEqual({ value: { secretMounts } });
  expect(validate({ secretMounts: [] })).toEqual({ value: { secretMounts: [] } });
});

test.each([
  [{ secret: "a", target: "A" }, /^must be a list of \{ secret: /],
  [["a"], /^\[0\] must be \{ secret: /],
  [[{ secret: "a", target: "A", step: ["apt"] }], /^\[0\] unknown option: did you mean steps\?$/],
  [
    [{ secret: "a", target: "A" }, { target: "A" }],
    /^\[1\] has no secret: the id of one, or the path of a file$/,
  ],
  [[{ secret: "a\nb", target: "A" }], /^\[0\] has no secret/],
  [[{ secret: "a", target: " " }], /^\[0\] has no target: an absolute path, or the name of a variable$/],
  [
    [{ secret: "a", target: "A", steps: [] }],
    /^\[0\] has steps that are not a list of apt, pip, conda, commands$/,
  ],
  [[{ secret: "a", target: "A", steps: ["yum"] }], /^\[0\] has steps that are not a list of/],
  [[{ secret: "a", target: "A", steps: "apt" }], /^\[0\] has steps that are not a list of/],
])("secrets %j are refused", (secretMounts, message) => {
  expect(validate({ secretMounts })).toEqual({
    issues: [{ message: expect.stringMatching(message), path: ["secretMounts"] }],
  });
});

test.each([null, "text", [], 5])("%j are no options", (options) => {
  expect(validate(options)).toEqual({ issues: [{ message: "must be an object" }] });
});
