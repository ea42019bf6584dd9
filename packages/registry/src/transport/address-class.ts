import { BlockList, isIP } from "node:net";

/** How far away an address is. Everything that is not routed on the internet is one of the others. */
export type AddressClass = "public" | "private" | "loopback" | "link-local" | "unspecified";

type Range = readonly [address: string, prefix: number];

const ranges: readonly (readonly [AddressClass, readonly Range[], readonly Range[]])[] = [
  ["loopback", [["127.0.0.0", 8]], [["::1", 128]]],
  ["link-local", [["169.254.0.0", 16]], [["fe80::", 10]]],
  [
    "unspecified",
    [
      ["0.0.0.0", 8],
      ["224.0.0.0", 3],
    ],
    [
      ["::", 128],
      ["ff00::", 8],
    ],
  ],
  [
    "private",
    [
      ["10.0.0.0", 8],
      ["172.16.0.0", 12],
      ["192.168.0.0", 16],
      ["100.64.0.0", 10],
      ["192.0.0.0", 24],
      ["198.18.0.0", 15],
    ],
    [
      ["fc00::", 7],
      ["fec0::", 10],
      // Translated IPv4 addresses: what lies behind them is not told by their text.
      ["64:ff9b::", 96],
      ["64:ff9b:1::", 48],
      ["2002::", 16],
    ],
  ],
];

function listOf(four: readonly Range[], six: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of four) list.addSubnet(address, prefix, "ipv4");
  for (const [address, prefix] of six) list.addSubnet(address, prefix, "ipv6");
  return list;
}

let lists: readonly (readonly [AddressClass, BlockList])[] | undefined;

/** Made when first needed: a command that asks one question on loopback would feel them. */
function classLists(): readonly (readonly [AddressClass, BlockList])[] {
  lists ??= ranges.map(([name, four, six]) => [name, listOf(four, six)]);
  return lists;
}

/** The class of an IP address, with or without brackets; undefined for a name. IPv4 within IPv6 is seen through. */
export function classifyAddress(text: string): AddressClass | undefined {
  const address = text.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(address);
  if (family === 0) return undefined;
  const type = family === 4 ? "ipv4" : "ipv6";
  return classLists().find(([, list]) => list.check(address, type))?.[0] ?? "public";
}
