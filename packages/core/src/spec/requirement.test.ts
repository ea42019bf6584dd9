import { describe, expect, test } from "vitest";
import { isRequirement } from "./requirement.ts";

describe("isRequirement", () => {
  test.each([
    "a",
    "A.B-C_d",
    "name>=3",
    "name>=3,<2",
    "name (>=3,<4)",
    "name[quux, strange];python_version<'2.7' and platform_version=='2'",
    "name; os_name=='a' or (os_name=='b' and extra == \"x\")",
    "name @ https://foo.example/a.whl",
    "name@https://foo.example/a.whl ; python_version > '3'",
    "name @ git+https://foo.example/a.git@main#egg=a",
    "numpy==1.26.*",
    "torch==2.4.0+cpu",
    "x ~= 1.4.2",
    "x ; sys_platform not in 'win32 darwin'",
  ])("%s is one", (text) => expect(isRequirement(text)).toBe(true));

  test.each([
    "",
    "a b",
    "numpy; rm -rf /",
    "-e .",
    "--index-url https://x.example",
    "./local",
    "a', 'b",
    "name==1 --hash=sha256:aa",
    "name\nother",
    "name;",
    "na$me",
    "name @ notaurl",
  ])("%j is none", (text) => expect(isRequirement(text)).toBe(false));
});
