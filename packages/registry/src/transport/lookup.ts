import { type LookupAddress, type LookupOptions, lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { type AddressClass, classifyAddress } from "./address-class.ts";

/** The code of the error for a name whose addresses may not be connected to. */
export const ADDRESS_REFUSED = "ERR_ADDRESS_REFUSED";

/** Names below `localhost` are loopback (RFC 6761), which the system's resolver need not know. */
export function resolvableName(hostname: string): string {
  return /\.localhost\.?$/i.test(hostname) ? "localhost" : hostname;
}

/** A resolver for sockets, which gives only addresses of the classes in `reach`. */
export function lookupWithin(reach: ReadonlySet<AddressClass> | undefined): LookupFunction {
  return (hostname, options, callback) => {
    systemLookup(resolvableName(hostname), { ...(options as LookupOptions), all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      const allowed = found.filter(({ address }) => isWithin(reach, address));
      const [first] = allowed;
      if (first === undefined) return callback(refusal(hostname), "");
      if (options.all === true) return callback(null, allowed as LookupAddress[]);
      callback(null, first.address, first.family);
    });
  };
}

/** Whether an address, or a name that is not one, may be connected to. */
export function isWithin(reach: ReadonlySet<AddressClass> | undefined, address: string): boolean {
  const kind = classifyAddress(address);
  return reach === undefined || kind === undefined || reach.has(kind);
}

function refusal(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`every address of ${hostname} is refused`), { code: ADDRESS_REFUSED });
}
