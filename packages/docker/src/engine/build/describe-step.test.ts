import { expect, test } from "vitest";
import { recordedBuild } from "../../../test/support/recorded-build.ts";
import { stepCommand, stepScript, stepTitle } from "./describe-step.ts";
import { decodeTrace } from "./trace.ts";

const mounts = "RUN --mount=type=bind,from=uv,source=/opt/imagespec/bin,target=/dev/.imagespec/bin     ";

test("a step of our own is called by its script and what it was given", () => {
  const name = `[image 2/7] ${mounts}["/bin/sh", "-e", "/dev/.imagespec/apt.sh", "--", "git", "a b"]`;
  expect(stepTitle(name)).toBe("[image 2/7] RUN apt git a b");
  expect(stepCommand(name)).toBe("apt git a b");
});

test("a step that is lent secrets is called as it is without", () => {
  const lending = `${mounts}["/bin/sh", "-e", "/dev/.imagespec/secrets.sh", "file:/a", "variable:B", "--", "/bin/sh", "-e", `;
  const requirements = `[image 2/7] ${lending}"/dev/.imagespec/requirements.sh", "", "--", "git"]`;
  expect(stepTitle(requirements)).toBe("[image 2/7] RUN requirements git");
  expect(stepScript(requirements)).toBe("requirements");
  const commands = `[image 3/7] ${lending}"-c", "--", "export PATH=a\\nmake\\n"]`;
  expect(stepTitle(commands)).toBe("[image 3/7] RUN make");
  expect(stepScript(commands)).toBeUndefined();
});

test("commands are called what their user wrote, after an engine has taken the quotes' escapes away too", () => {
  const script = 'export PATH="$PATH:/dev/.imagespec/bin" A=b\\necho "hi"\\ncd /x\\n';
  const name = `[image 6/7] ${mounts}["/bin/sh", "-e", "-c", "--", "${script}"]`;
  expect(stepTitle(name)).toBe('[image 6/7] RUN echo "hi"; cd /x');
  expect(stepCommand(name)).toBe('echo "hi"\ncd /x');
});

test.each([
  ["[internal] load build definition from Dockerfile", undefined],
  ["exporting to image", undefined],
  ["[image 3/7] COPY source/ /root/", "COPY source/ /root/"],
])("%s stays as it is", (name, command) => {
  expect(stepTitle(name)).toBe(name);
  expect(stepCommand(name)).toBe(command);
});

test("a shell form is its command", () => {
  expect(stepTitle("[2/2] RUN --mount=type=cache,target=/x make all")).toBe("[2/2] RUN make all");
});

test("a step as Docker 20.10 names it", async () => {
  const messages = await recordedBuild();
  const traces = messages.flatMap(({ aux }) => (typeof aux === "string" ? [aux] : []));
  const vertices = traces.flatMap((aux) => decodeTrace(Buffer.from(aux, "base64")).vertices);
  const [name = ""] = vertices.map((vertex) => vertex.name).filter((text) => text.includes("RUN"));
  expect(stepTitle(name)).toMatchInlineSnapshot(
    `"[stage-0 2/2] RUN printf 'häl'; printf 'wor' >&2; echo lo; echo ld >&2; exit "$1"; ", "imagespec", "42"`,
  );
});
