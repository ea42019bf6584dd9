import { connectEngine, followAnswer } from "@imagespec/test-services";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { buildSpec, type SpecImage } from "./support/build-spec.ts";
import { runContainer } from "./support/run-container.ts";

const { dockerHost, baseImages } = inject("services");
const client = connectEngine(dockerHost);

const packages = ["tabulate==0.9.0", "six==1.16.0"];
const list = ["sh", "-c", "find / -xdev -path /proc -prune -o -path /sys -prune -o ! -type d -print | sort"];
const where = (name: string) => ["python3", "-c", `import ${name}; print(${name}.__file__)`];

async function filesOf(reference: string): Promise<string[]> {
  const printed = await runContainer(client, reference, { command: list, user: "0" });
  return printed.split("\n").filter((file) => !ofContainers.test(file));
}

/** What lies in the site folder of the environment, without the packages' own names. */
const installed =
  /^\/(usr\/local|opt\/venv)\/(lib\/python3\.11\/(dist|site)-packages\/(tabulate|six|__pycache__\/(tabulate|six))|bin\/tabulate$)/;

/** Written by the engine into every container. */
const ofContainers = /^\/(etc\/(hosts|hostname|resolv\.conf)|\.dockerenv|dev\/)/;

describe.each([
  ["python-system", "/usr/local/lib/python3.11/dist-packages/"],
  ["python-venv", "/opt/venv/lib/python3.11/site-packages/"],
  ["python-nonroot", "/usr/local/lib/python3.11/dist-packages/"],
  ["python-nopip", "/usr/local/lib/python3.11/dist-packages/"],
] as const)("%s", (name, folder) => {
  const base = baseImages[name];
  let image: SpecImage;

  beforeAll(async () => {
    await followAnswer(await client.pull(base));
    image = await buildSpec({ baseImage: base, packages, commands: ["uv --version"] });
  });

  test("its own Python finds what was installed", async () => {
    expect(await image.run(where("six"))).toBe(`${folder}six.py\n`);
    expect(await image.run(["tabulate", "--help"])).toContain("tabulate");
  });

  test("nothing that was there is gone, and nothing came but the packages", async () => {
    const [before, after] = [await filesOf(base), await filesOf(image.reference)];
    expect(before.filter((file) => !after.includes(file))).toEqual([]);
    expect(after.filter((file) => !before.includes(file) && !installed.test(file))).toEqual([]);
  });

  test("bytecode is compiled, and never checked against its source", async () => {
    const script = "import six; print(open(six.__cached__, 'rb').read(8)[4:].hex())";
    expect(await image.run(["python3", "-c", script])).toBe("01000000\n");
  });

  test("its user is the one that it had", async () => {
    const [had, has] = await Promise.all(
      [base, image.reference].map((reference) => client.getImage(reference).inspect()),
    );
    expect(has?.Config.User).toBe(had?.Config.User);
  });
});

test("a tool of the base, whose shebang is its environment, sees what was installed", async () => {
  const image = await buildSpec({ baseImage: baseImages["python-venv"], packages });
  expect(await image.run(["base-tool", "six"])).toContain("/opt/venv/lib/python3.11/site-packages/six.py");
});

test("pythonVersion of the base brings no environment of ours", async () => {
  const image = await buildSpec({ baseImage: baseImages["python-system"], pythonVersion: "3.11", packages });
  expect(await image.run(where("six"))).toBe("/usr/local/lib/python3.11/dist-packages/six.py\n");
  expect(await image.run(["sh", "-c", "ls -A /opt"])).toBe("");
});

test("pythonExec names another interpreter, whose environment is used", async () => {
  const maker = await buildSpec({
    baseImage: baseImages["python-system"],
    commands: ["python3 -m venv --without-pip /srv/other"],
  });
  const image = await buildSpec({
    baseImage: maker.reference,
    pythonExec: "/srv/other/bin/python",
    packages,
  });
  const script = "import six; print(six.__file__)";
  expect(await image.run(["/srv/other/bin/python", "-c", script])).toBe(
    "/srv/other/lib/python3.11/site-packages/six.py\n",
  );
  await expect(image.run(where("six"))).rejects.toThrow("No module named 'six'");
});
