import { canonicalPlan, fingerprint, resolvePlan } from "@imagespec/core";
import { connectEngine } from "@imagespec/test-services";
import { expect, inject, test } from "vitest";
import { buildSpec } from "./support/build-spec.ts";
import { micromambaCommands } from "./support/micromamba.ts";

const { dockerHost, baseImages } = inject("services");
const system = baseImages["python-system"];

test("an interpreter of our own is made where the base has none of that version", async () => {
  const index = (sha256: string) => ({
    "cpython-3.11.2-linux-x86_64-gnu": {
      ...{ name: "cpython", arch: { family: "x86_64", variant: null }, os: "linux", libc: "gnu" },
      ...{ major: 3, minor: 11, patch: 2, prerelease: "", variant: null, build: "20230101" },
      ...{ url: "file:///srv/python.tar.gz", sha256 },
    },
  });
  // The system's Python, taken away and given to uv as one that it can download.
  const base = await buildSpec({
    baseImage: system,
    env: { UV_PYTHON_DOWNLOADS_JSON_URL: "/srv/downloads.json" },
    commands: [
      "mkdir -p /srv/python/bin /srv/python/lib; cd /srv",
      "cp /usr/bin/python3.11 python/bin/; ln -s python3.11 python/bin/python3; cp -rL /usr/lib/python3.11 python/lib/",
      "rm python/lib/python3.11/EXTERNALLY-MANAGED; tar czf python.tar.gz python; rm -r python",
      `echo '${JSON.stringify(index("SHA"))}' | sed "s/SHA/$(sha256sum python.tar.gz | cut -d' ' -f1)/" > downloads.json`,
      "mv /usr/bin/python3 /usr/bin/python3.11 /opt",
    ],
  });
  const image = await buildSpec({
    baseImage: base.reference,
    pythonVersion: "3.11",
    packages: ["six"],
    commands: ["pip --version"],
  });
  const script = "import six, sys; print(six.__file__, sys.prefix, sys.base_prefix)";
  expect(await image.run(["python", "-c", script])).toMatchInlineSnapshot(`
    "/opt/venv/lib/python3.11/site-packages/six.py /opt/venv /opt/python/cpython-3.11-linux-x86_64-gnu
    "
  `);
  const nested = await buildSpec({ baseImage: image.reference, packages: ["tabulate"] });
  expect(await nested.run(["python", "-c", "import six, tabulate; print(tabulate.__file__)"])).toContain(
    "/opt/venv/",
  );
});

test("packages come from the spec's index alone, our tools from another where it has none", async () => {
  const base = await buildSpec({
    baseImage: system,
    commands: [
      "mkdir -p /srv/index/six; cd /srv/index/six",
      "pip download --quiet --no-deps six==1.16.0; set -- *.whl",
      'echo "<a href=$1>$1</a>" > index.html',
    ],
  });
  const spec = { baseImage: base.reference, pipIndex: "file:///srv/index" };
  const image = await buildSpec({ ...spec, packages: ["six"] });
  expect(await image.run(["python3", "-c", "import six; print(six.__version__)"])).toBe("1.16.0\n");
  await expect(buildSpec({ ...spec, packages: ["tabulate"] })).rejects.toMatchObject({
    details: { step: { log: expect.arrayContaining([expect.stringMatching(/tabulate/)]) } },
  });
});

test("conda's environment is the one that packages go to and that runs", async () => {
  const tools = await buildSpec({ baseImage: system, commands: micromambaCommands("") });
  const image = await buildSpec(
    { baseImage: system, condaPackages: ["gdal>=3"], condaChannels: ["company"], packages: ["six"] },
    { options: { micromambaImage: tools.reference } },
  );
  expect((await image.run(["cat", "/opt/words"])).trim().split("\n")).toMatchInlineSnapshot(`
    [
      "create",
      "--yes",
      "--no-rc",
      "--no-pyc",
      "--override-channels",
      "--prefix",
      "/opt/venv",
      "--channel=company",
      "--channel=conda-forge",
      "--",
      "python=3.12",
      "gdal>=3",
    ]
  `);
  expect(await image.run(["python", "-c", "import six; print(six.__file__)"])).toContain("/opt/venv/");
  const script = "import pip; print(open(pip.__cached__, 'rb').read(8)[4:].hex())";
  expect(await image.run(["python", "-c", script])).toBe("01000000\n");
});

test("an image says what it was made of", async () => {
  const spec = {
    name: "told",
    baseImage: system,
    env: { A: "b" },
    labels: { "org.opencontainers.image.title": "mine" },
  };
  const plan = await resolvePlan(spec);
  const { reference } = await buildSpec(spec);
  const { Config } = await connectEngine(dockerHost).getImage(reference).inspect();
  const { "dev.imagespec.plan": label, ...labels } = Config.Labels;
  expect(JSON.parse(label ?? "")).toEqual(JSON.parse(JSON.stringify(canonicalPlan(plan))));
  expect(labels).toEqual({
    "dev.imagespec.builder": "docker",
    "dev.imagespec.tag": fingerprint(plan),
    "org.opencontainers.image.title": "mine",
  });
  expect(Config.Env.at(-1)).toBe(`IMAGESPEC_ID=${plan.id}`);
});
