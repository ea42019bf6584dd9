import { createHash } from "node:crypto";
import { zipSync } from "fflate";

export type Wheel = Readonly<{
  name: string;
  version: string;
  /** The tag of its file name: `py3-none-any`, `py3-none-manylinux_2_17_aarch64`. */
  tag: string;
  /** Its only module's text. */
  module: string;
}>;

/** zip knows no times before 1980, and takes them as local ones. */
const EPOCH = "1980-01-02T00:00:00";

/** The bytes of a wheel, always the same, so that a lock can hold its hash. */
export function makeWheel({ name, version, tag, module }: Wheel): Readonly<{ file: string; bytes: Buffer }> {
  const info = `${name}-${version}.dist-info`;
  const files: Readonly<Record<string, string>> = {
    [`${name}.py`]: module,
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name.replaceAll("_", "-")}\nVersion: ${version}\n`,
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: imagespec-test\nRoot-Is-Purelib: ${tag.endsWith("any")}\nTag: ${tag}\n`,
  };
  const record = [...Object.entries(files).map(([path, text]) => recordLine(path, text)), `${info}/RECORD,,`];
  const all = { ...files, [`${info}/RECORD`]: `${record.join("\n")}\n` };
  const entries = Object.entries(all).map(([path, text]) => [path, Buffer.from(text)] as const);
  const bytes = Buffer.from(zipSync(Object.fromEntries(entries), { level: 0, mtime: EPOCH }));
  return { file: `${name}-${version}-${tag}.whl`, bytes };
}

function recordLine(path: string, text: string): string {
  return `${path},sha256=${createHash("sha256").update(text).digest("base64url")},${Buffer.byteLength(text)}`;
}
