import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { rootCertificates } from "node:tls";
import { connectEngine } from "@imagespec/test-services";
import { describe, expect, inject, test } from "vitest";
import { buildSpec } from "./support/build-spec.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);
const system = baseImages["python-system"];
const shell = (script: string): string[] => ["sh", "-c", script];

/** Every byte of every layer and of the config, as `docker save` writes them. */
async function savedBytes(reference: string): Promise<Buffer> {
  return buffer(await client.getImage(reference).get());
}

test("packages of the system are there, and neither lists nor archives of apt", async () => {
  const image = await buildSpec({ baseImage: system, aptPackages: ["tree"], commands: ["tree --version"] });
  expect(await image.run(["tree", "--version"])).toContain("tree v");
  expect(
    await image.run(shell("ls /var/lib/apt/lists /var/cache/apt/archives; ls -A /etc/apt/apt.conf.d")),
  ).toBe(
    await (await buildSpec({ baseImage: system })).run(
      shell("ls /var/lib/apt/lists /var/cache/apt/archives; ls -A /etc/apt/apt.conf.d"),
    ),
  );
});

test("the same packages again come out of the cache, whatever the base's docker-clean says", async () => {
  const clean = 'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb || true"; };';
  const base = await buildSpec({
    baseImage: system,
    commands: [`echo '${clean}' > /etc/apt/apt.conf.d/docker-clean`],
  });
  const build = (other: string) => buildSpec({ baseImage: base.reference, aptPackages: ["tree", other] });
  await build("hello");
  const { events } = await build("sl");
  const lines = events.flatMap((event) => (event.type === "step-log" ? [event.line] : []));
  expect(lines.join("\n")).toMatch(/Need to get .* of archives/);
  expect(lines.filter((line) => / tree amd64/.test(line) && line.startsWith("Get:"))).toEqual([]);
});

describe("secrets", () => {
  const token = `token-${randomUUID()}`;

  test("are where the spec wants them while packages are installed, and then nowhere", async () => {
    const image = await buildSpec(
      {
        baseImage: system,
        // The package's build looks at what it was lent.
        requirements: "requirements.txt",
        pipSecretMounts: [
          ["file", "/etc/not/there/before"],
          ["file", "/etc/debian_version"],
          ["variable", "LENT_TOKEN"],
        ],
        commands: [
          'test "$(sha256sum < /etc/not/there/too)" = "$(printf %s "$TO_ALL" | sha256sum)"',
          "test ! -e /etc/not/there/before",
        ],
      },
      {
        files: {
          "requirements.txt": "./looker\n",
          "looker/pyproject.toml":
            '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n',
          "looker/setup.py": [
            "import os, hashlib",
            "from setuptools import setup",
            "seen = [open('/etc/not/there/before').read(), open('/etc/debian_version').read(), os.environ['LENT_TOKEN'], os.environ['TO_ALL']]",
            "digests = [hashlib.sha256(one.encode()).hexdigest() for one in seen]",
            "open('looker.py', 'w').write(f'digests = {digests!r}')",
            "setup(name='looker', version='1', py_modules=['looker'])",
          ].join("\n"),
        },
        secrets: { file: token, variable: token },
        options: {
          secretMounts: [
            { secret: "file", target: "/etc/not/there/too" },
            { secret: "variable", target: "TO_ALL" },
          ],
        },
      },
    );
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", Buffer.from(token))).toString("hex");
    expect(await image.run(["python3", "-c", "import looker; print(*looker.digests)"])).toBe(
      `${digest} ${digest} ${digest} ${digest}\n`,
    );
    expect(await image.run(shell("cat /etc/debian_version; ls /etc | grep -c '^not$'; true"))).toMatch(
      /^12\.\d+\n0\n$/,
    );
    expect((await savedBytes(image.reference)).includes(token)).toBe(false);
  });
});

test("certificates are trusted while building, and are not in the image", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "imagespec-test-"));
  const mark = `mark-${randomUUID()}`;
  const own = process.env.SSL_CERT_FILE ?? process.env.NODE_EXTRA_CA_CERTS;
  const bundle = [
    own === undefined ? "" : await readFile(own, "utf8"),
    ...rootCertificates,
    `# ${mark}`,
  ].join("\n");
  try {
    await writeFile(path.join(directory, "ca.pem"), bundle);
    const image = await buildSpec(
      { baseImage: system, packages: ["six"], commands: ["grep -c mark- $SSL_CERT_FILE > /srv/found"] },
      { options: { caCertificates: path.join(directory, "ca.pem") } },
    );
    expect(await image.run(["cat", "/srv/found"])).toBe("1\n");
    expect((await savedBytes(image.reference)).includes(mark)).toBe(false);
    expect(await image.run(shell("env | grep -c imagespec/ca || true"))).toBe("0\n");
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("copies on a base with another user are that user's, modes are the files' own", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "imagespec-test-"));
  try {
    await writeFile(path.join(directory, "tool.sh"), "#!/bin/sh\necho works\n", { mode: 0o744 });
    await writeFile(path.join(directory, "data.txt"), "data", { mode: 0o600 });
    const image = await buildSpec(
      {
        baseImage: baseImages["python-nonroot"],
        copy: ["tool.sh", { from: "data.txt", to: "/srv/deep/data.txt" }],
        commands: ["touch by-root"],
      },
      { directory },
    );
    const stat = "stat -c '%a %U %n' /root /root/tool.sh /srv/deep /srv/deep/data.txt";
    expect(
      await image.run(shell(`${stat}; ./tool.sh; touch new && rm new; pwd; id -un`)),
    ).toMatchInlineSnapshot(`
      "700 app /root
      755 app /root/tool.sh
      755 app /srv/deep
      644 app /srv/deep/data.txt
      works
      /root
      app
      "
    `);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a failing command ends the build, and later ones do not run", async () => {
  const build = buildSpec({
    baseImage: system,
    commands: ["cd /srv", "export A=1", "test $A$PWD = 1/srv", "false", "echo later"],
  });
  await expect(build).rejects.toMatchObject({ details: { step: { exitCode: 1 } } });
});
