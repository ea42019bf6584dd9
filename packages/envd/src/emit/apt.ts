import type { AptStep } from "@imagespec/core/builder";
import type { Emission } from "./emission.ts";

/**
 * envd puts the names into the text of a shell, unquoted. Debian Policy 5.6.1 for the name; then, as apt takes them,
 * an architecture, a version or a release. A dash at the end of a name would be an order to remove it.
 */
const aptPackage =
  /^[a-z0-9][a-z0-9+.-]*[a-z0-9+.](:[a-z0-9-]*[a-z0-9])?(=[\w.+:~-]*[\w.]|\/[a-z0-9.-]*[a-z0-9])?$/;

export function writeApt(emission: Emission, { packages }: AptStep): void {
  const good = packages.filter((name) => aptPackage.test(name));
  for (const name of packages) {
    if (good.includes(name)) continue;
    emission.refuse(`${JSON.stringify(name)} is not a package's name as Debian has them`, {
      code: "ENVD_APT_NAME",
      field: "aptPackages",
      hint: "lower-case letters, digits, + - and . ; a version follows an equals sign: curl=7.88.1-10",
    });
  }
  emission.call("install.apt_packages", { name: good });
}
