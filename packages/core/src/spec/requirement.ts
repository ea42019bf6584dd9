const name = String.raw`[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`;
const extras = String.raw`(?:\s*\[\s*(?:${name}(?:\s*,\s*${name})*)?\s*\])?`;
const comparison = String.raw`(?:===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9._*+!-]+`;
const versions = String.raw`(?:${comparison}(?:\s*,\s*${comparison})*\s*,?)`;
const address = String.raw`@\s*[A-Za-z][A-Za-z0-9+.-]*:[^\s;]+(?=\s|$)`;
const marker = String.raw`(?:\s*;\s*[A-Za-z0-9_.'"\s()<>=!~*+,:/-]+)?`;

const requirement = new RegExp(
  String.raw`^\s*${name}${extras}\s*(?:${versions}|\(\s*${versions}\s*\)|${address})?${marker}\s*$`,
);

/**
 * Whether a text is a requirement of the form that PEP 508 and the dependency specifiers specification describe:
 * name, extras, versions or address, marker. Markers are looked at by their letters, not parsed.
 */
export function isRequirement(text: string): boolean {
  return requirement.test(text);
}
