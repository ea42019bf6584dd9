import { expect, test } from "vitest";
import { aptStep, condaStep, everyStep, secretFaults } from "../../test/support/lent-steps.ts";
import { requirementsStep } from "../../test/support/plan-input.ts";
import type { LentSecret } from "../secret-mount-option.ts";

test("secrets of one step that meet are refused", () => {
  const at = (...targets: readonly (readonly [string, LentSecret["steps"]])[]) =>
    targets.map(([target, steps], n) => ({ secret: `s${n}`, target, steps }));
  expect(
    secretFaults(everyStep, at(["/a", undefined], ["/b", undefined], ["/a", ["apt"]])),
  ).toMatchInlineSnapshot(`
    [
      "error DOCKER_SECRET_CONFLICT …[2]: two secrets are to be at "/a" in one step (give each a target of its own, or steps of its own)",
    ]
  `);
  expect(
    secretFaults(everyStep, at(["/a/b", undefined], ["/a", undefined], ["/a/b/c", undefined])),
  ).toHaveLength(2);
  expect(secretFaults(everyStep, at(["TOKEN", ["conda"]], ["TOKEN", ["conda", "pip"]]))).toHaveLength(1);
  expect(secretFaults(everyStep, at(["/own", undefined]))).toHaveLength(1);
  expect(
    secretFaults(everyStep, at(["/own", ["apt"]], ["/a", ["apt"]], ["/a", ["pip"]], ["/ab", ["pip"]])),
  ).toEqual([]);
});

test("a secret does not meet the logins that were taken out of addresses", () => {
  const withLogins = requirementsStep(["rich"], {
    secrets: [{ id: "imagespec-netrc", target: "", kind: "netrc" }],
  });
  const netrc = { secret: "netrc", target: "/root/.netrc" };
  expect(secretFaults([withLogins], [netrc])).toMatchInlineSnapshot(`
    [
      "error DOCKER_SECRET_CONFLICT …[0]: two secrets are to be at "/root/.netrc" in one step (give each a target of its own, or steps of its own)",
    ]
  `);
  expect(secretFaults([withLogins, aptStep], [{ ...netrc, steps: ["apt"] }])).toEqual([]);
});

const inTheWay = [
  "/ /usr /usr/bin /usr/bin/python3 /bin/sh /lib /dev /dev/.imagespec/secrets/1 /dev/x /proc/1/environ /sys/x /etc",
  "/etc/passwd /etc/resolv.conf /etc/apt /var /var/cache/apt/x /var/lib/apt /opt/imagespec/x /opt/venv/pip.conf /root",
  "/srv /srv/app PATH HOME LD_PRELOAD IMAGESPEC_ID imagespec_count IFS",
];

test.each(inTheWay.join(" ").split(" "))("a secret at %s would be in the build's way", (target) => {
  expect(secretFaults([condaStep], [{ secret: "a", target }])).toEqual([
    expect.stringMatching(/^error DOCKER_SECRET_TARGET …\[0\]: a secret (at|in) .*\(.+\)$/),
  ]);
});

test.each([
  "a/b",
  "A-B",
  "1A",
  "A B",
  "/a/",
  "//a",
  "/a//b",
  "/a/../b",
  "/a/.",
  "/a\nb",
  "/\ud800",
  "$A",
  "é",
])("nothing can be lent at %j", (target) => {
  expect(secretFaults([aptStep], [{ secret: "a", target }])).toEqual([
    expect.stringMatching(/^error DOCKER_SECRET_NAME …\[0\]: a secret cannot be put at /),
  ]);
});

test.each([
  "/run/secrets/a",
  "/root/.netrc",
  "/etc/apt/auth.conf.d/a.conf",
  "/srv/app/.npmrc",
  "/usrlocal",
  "/devices",
  "/usr/local/etc/a",
  "/a b'\"$\\",
  "/é",
  "_",
  "path_",
])("a secret can be lent at %s", (target) => {
  expect(secretFaults([aptStep], [{ secret: "a", target }])).toEqual([]);
});

test.each([
  'a"b',
  "a,src=/etc/shadow",
  "$A",
  " a",
  "a\\",
  "imagespec-ca",
  "imagespec-netrc",
  "imagespec-proxy",
])("%j is no id that engines can be told of", (secret) => {
  expect(secretFaults([aptStep], [{ secret, target: "A" }])).toEqual([
    expect.stringMatching(/^error DOCKER_SECRET_NAME …\[0\]: /),
  ]);
});
