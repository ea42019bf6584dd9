import { ImageSpecError } from "@imagespec/core";

/**
 * Native Windows has no executable bits to hash, so a tag made there would differ from the same tag made elsewhere.
 *
 * @throws ImageSpecError `HOST_UNSUPPORTED`
 */
export function refuseUnsupportedHost(platform: NodeJS.Platform): void {
  if (platform !== "win32") return;
  throw new ImageSpecError(
    "HOST_UNSUPPORTED",
    "native Windows has no executable bits, which tags depend on",
    {
      hint: "run it inside WSL: wsl --install",
    },
  );
}
