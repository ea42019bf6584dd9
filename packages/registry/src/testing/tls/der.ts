/** The few parts of DER (ITU-T X.690) that a certificate is made of. Each returns an encoded value. */

const MAX_SHORT_LENGTH = 127;

function encode(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...encodeLength(content.length)]), content]);
}

function encodeLength(length: number): readonly number[] {
  if (length <= MAX_SHORT_LENGTH) return [length];
  const bytes = base256(length);
  return [0x80 | bytes.length, ...bytes];
}

function base256(value: number): readonly number[] {
  return value < 256 ? [value] : [...base256(Math.floor(value / 256)), value % 256];
}

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return encode(0x30, ...parts);
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return encode(0x31, ...parts);
}

export function boolean(value: boolean): Buffer {
  return encode(0x01, Buffer.from([value ? 0xff : 0x00]));
}

/** Not negative: a zero byte is put before a set sign bit. */
export function integer(bytes: Uint8Array): Buffer {
  const isNegative = ((bytes[0] ?? 0) & 0x80) !== 0;
  return encode(0x02, Buffer.from(isNegative ? [0] : []), bytes);
}

export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return encode(0x03, Buffer.from([unusedBits]), bytes);
}

export function octetString(bytes: Uint8Array): Buffer {
  return encode(0x04, bytes);
}

export function utf8String(text: string): Buffer {
  return encode(0x0c, Buffer.from(text));
}

/** X.509's Time: with a year of two digits before 2050 (RFC 5280, section 4.1.2.5). */
export function time(date: Date): Buffer {
  const digits = Buffer.from(`${date.toISOString().replace(/[-:T]/g, "").slice(0, 14)}Z`);
  return date.getUTCFullYear() < 2050 ? encode(0x17, digits.subarray(2)) : encode(0x18, digits);
}

/** @param id dotted, as `2.5.4.3` */
export function objectIdentifier(id: string): Buffer {
  const [first = 0, second = 0, ...rest] = id.split(".").map(Number);
  return encode(0x06, Buffer.from([first * 40 + second, ...rest.flatMap((arc) => base128(arc))]));
}

function base128(value: number): readonly number[] {
  const digits = [value % 128];
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift(0x80 | (rest % 128));
  }
  return digits;
}

/** `[number]` around encoded values (constructed) or in place of a primitive's own tag. */
export function contextTag(number: number, content: Uint8Array, form: "constructed" | "primitive"): Buffer {
  return encode((form === "constructed" ? 0xa0 : 0x80) | number, content);
}
