/** Text form (RFC 7468) of DER. */
export function derToPem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/** The DER of the first block. */
export function pemToDer(pem: string): Buffer {
  const body = /-----BEGIN [^-]+-----(?<body>[^-]*)-----END/.exec(pem)?.groups?.body ?? "";
  return Buffer.from(body, "base64");
}
