import { expect, test } from "vitest";
import { proxyScript, withProxySecret } from "./lent-proxies.ts";

test("every step that runs a shell gets the proxies, and no text that looks like one", () => {
  const dockerfile = String.raw`FROM base
RUN --mount=type=bind,source=a,target=/dev/a \
    --mount=type=cache,target=/dev/b \
    ["/bin/sh", "-e", "/dev/a.sh", "--"]
RUN ["/bin/sh", "-e", "-c", "--", "\
RUN [\"/bin/sh\", \"-e\", \n\
"]
RUN ["/bin/other"]
`;
  expect(withProxySecret(dockerfile)).toMatchInlineSnapshot(`
    "FROM base
    RUN --mount=type=secret,id=imagespec-proxy,target=/dev/.imagespec/proxy --mount=type=bind,source=a,target=/dev/a \\
        --mount=type=cache,target=/dev/b \\
        ["/bin/sh", "-c", ". /dev/.imagespec/proxy; exec \\"$@\\"", "sh", "/bin/sh", "-e", "/dev/a.sh", "--"]
    RUN --mount=type=secret,id=imagespec-proxy,target=/dev/.imagespec/proxy ["/bin/sh", "-c", ". /dev/.imagespec/proxy; exec \\"$@\\"", "sh", "/bin/sh", "-e", "-c", "--", "\\
    RUN [\\"/bin/sh\\", \\"-e\\", \\n\\
    "]
    RUN ["/bin/other"]
    "
  `);
});

test("values are taken literally", () => {
  expect(proxyScript({ HTTPS_PROXY: "http://a:$p'w@proxy:1", no_proxy: "a b" })).toMatchInlineSnapshot(`
    "export HTTPS_PROXY='http://a:$p'\\''w@proxy:1'
    export no_proxy='a b'
    "
  `);
});
