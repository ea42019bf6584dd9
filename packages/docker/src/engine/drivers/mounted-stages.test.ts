import { expect, test } from "vitest";
import { withMountedStages } from "./mounted-stages.ts";

test("stages that steps mount are copied from in a stage that nothing needs", () => {
  const dockerfile = `FROM --platform=linux/amd64 base:1 AS base

FROM base AS uv
RUN true

FROM base AS image
RUN --mount=type=bind,from=uv,source=/opt/bin,target=/dev/bin \\
    --mount=type=bind,from=other/image:1,source=/bin,target=/dev/other \\
    ["uv"]
`;
  expect(withMountedStages(dockerfile)).toMatchInlineSnapshot(`
    "FROM --platform=linux/amd64 base:1 AS base

    FROM base AS uv
    RUN true

    FROM scratch AS mounted
    COPY --from=uv ["/opt/bin", "/"]

    FROM base AS image
    RUN --mount=type=bind,from=uv,source=/opt/bin,target=/dev/bin \\
        --mount=type=bind,from=other/image:1,source=/bin,target=/dev/other \\
        ["uv"]
    "
  `);
});

test("a Dockerfile without them stays as it is", () => {
  for (const text of [
    "FROM base:1\nRUN true\n",
    "FROM a AS b\nFROM b\nRUN --mount=type=bind,from=c,source=/x,target=/y true\n",
  ]) {
    expect(withMountedStages(text)).toBe(text);
  }
});
