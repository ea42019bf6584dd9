import { ProtocolError } from "../http/protocol-error.ts";
import type { RegistryService } from "./service.ts";

/** @throws ProtocolError UNSUPPORTED where deleting is turned off */
export function requireDeletes({ settings }: RegistryService): void {
  if (!settings.deletes) throw new ProtocolError("UNSUPPORTED");
}
