import { ImageSpecError } from "@imagespec/core";

function faultOf(text: string): SyntaxError | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error as SyntaxError;
  }
}

function isUnexpectedToken(text: string): boolean {
  return faultOf(text)?.message.startsWith("Unexpected token") ?? false;
}

/** V8 tells no place for a token that it did not expect: it ends the shortest beginning of the text that has this fault. */
function unexpectedToken(text: string): number {
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isUnexpectedToken(text.slice(0, middle))) high = middle;
    else low = middle + 1;
  }
  return low - 1;
}

type JsonFault = Readonly<{ message: string; position: number }>;

function describe({ message }: SyntaxError, text: string): JsonFault {
  const placed = /^(.*?)(?: in JSON)? at position (\d+)/s.exec(message);
  if (placed) return { message: placed[1]!, position: Number(placed[2]) };
  if (!isUnexpectedToken(text)) return { message: "Unexpected end of the file", position: text.length };
  const position = unexpectedToken(text);
  return { message: `Unexpected ${JSON.stringify(text[position])}`, position };
}

/**
 * Makes sure that a text is JSON, which is read as YAML then.
 *
 * @throws ImageSpecError `SPEC_SYNTAX`, with the line
 */
export function checkJson(text: string, file: string): void {
  const fault = faultOf(text);
  if (!fault) return;
  const { message, position } = describe(fault, text);
  throw new ImageSpecError("SPEC_SYNTAX", message, {
    file,
    line: text.slice(0, position).split("\n").length,
    hint: "correct the file: it is not valid JSON (YAML takes comments and trailing commas)",
  });
}
