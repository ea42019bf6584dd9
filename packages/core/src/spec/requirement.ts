const name = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?";
const extras = String.raw`(?:\s*\[\s*(?:${name}(?:\s*,\s*${name})*)?\s*\])?`;
const comparison = String.raw`(?:===|~=|==|!=|<=|>=|<|>)\s*[A-Za-z0-9._*+!-]+`;
const versions = String.raw`(?:${comparison}(?:\s*,\s*${comparison})*\s*,?)`;
const address = String.raw`@\s*[A-Za-z][A-Za-z0-9+.-]*:[^\s;]+(?=\s|$)`;
const variable =
  "(?:python_version|python_full_version|os_name|sys_platform|platform_(?:release|system|version|machine|" +
  "python_implementation)|implementation_(?:name|version)|extras?|dependency_groups)";
const operand = `(?:${variable}|"[^"]*"|'[^']*')`;
const condition = String.raw`\(*\s*${operand}\s*(?:<=|>=|===|==|!=|~=|<|>|\bin\b|\bnot\s+in\b)\s*${operand}\s*\)*`;
const marker = String.raw`(?:\s*;\s*${condition}(?:\s*\b(?:and|or)\b\s*${condition})*)?`;

/** Nearly every requirement: a name and at most one version. It spares most runs the compilation of the other. */
const plain = /^[A-Za-z0-9]+(?:[._-]+[A-Za-z0-9]+)*(?:(?:==|>=|<=|~=|!=)[A-Za-z0-9.*+!_-]+)?$/;

let compiled: RegExp | undefined;

function requirement(): RegExp {
  compiled ??= new RegExp(
    String.raw`^\s*${name}${extras}\s*(?:${versions}|\(\s*${versions}\s*\)|${address})?${marker}\s*$`,
  );
  return compiled;
}

/**
 * Whether a text is a requirement of the form that PEP 508 and the dependency specifiers specification describe:
 * name, extras, versions or address, marker. Whether a marker's parentheses match is left to the installer.
 */
export function isRequirement(text: string): boolean {
  return plain.test(text) || requirement().test(text);
}
