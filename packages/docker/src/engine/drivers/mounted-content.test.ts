import { expect, test } from "vitest";
import { fileEntry } from "../../../test/support/handwritten.ts";
import { withMountedContent } from "./mounted-content.ts";

const dockerfile = String.raw`FROM base:1 AS base
FROM base AS uv
RUN --mount=type=bind,source=uv,target=/dev/uv ["/bin/sh", "-e", "/dev/uv/a.sh"]
FROM base AS image
RUN --mount=type=bind,from=uv,source=/opt/bin,target=/dev/bin \
    --mount=type=bind,source=list.txt,target=/dev/list.txt ["/bin/sh", "-e", "-c", "install"]
RUN ["/bin/sh", "-e", "-c", "--", "\
RUN --mount=type=bind,source=uv,target=/x [\"/bin/sh\", \n\
"]
`;

/** The names of the shells that run the steps, with these files in the context. */
async function namesWith(files: Readonly<Record<string, string>>): Promise<readonly (string | undefined)[]> {
  const entries = async function* () {
    for (const [path, content] of Object.entries(files)) yield fileEntry(path, content);
  };
  const written = await withMountedContent(dockerfile, entries());
  const wrapped = /\["\/bin\/sh", "-c", "exec \\"\$@\\"", "([0-9a-f]{32})", "\/bin\/sh", "-e"/g;
  const names = [...written.matchAll(wrapped)].map(([, name]) => name);
  expect(written.replaceAll(/"\/bin\/sh", "-c", "exec [^,]*, "[0-9a-f]{32}", /g, "")).toBe(dockerfile);
  return names;
}

test("a step is another one where what it mounts is another, and no more than that", async () => {
  const files = { "uv/a.sh": "a", "list.txt": "six", "source/main.py": "" };
  const [uv, install, ...rest] = await namesWith(files);
  expect(rest).toEqual([]);
  expect(await namesWith({ ...files, "source/main.py": "x", "list.txt.bak": "" })).toEqual([uv, install]);
  const listed = await namesWith({ ...files, "list.txt": "six\ntabulate" });
  expect(listed[0]).toBe(uv);
  expect(listed[1]).not.toBe(install);
  const tooled = await namesWith({ ...files, "uv/a.sh": "b" });
  expect(tooled.map((name, index) => name === [uv, install][index])).toEqual([false, false]);
});
