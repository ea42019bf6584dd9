import type { EmittedFile, EmittedImage } from "@imagespec/core";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import type { EmitFlags } from "../options/flags.ts";
import { builderOfFormat } from "../options/formats.ts";
import { tagDocument } from "../output/documents.ts";
import { writeDocument } from "../output/json-document.ts";
import type { Surroundings } from "../output/surroundings.ts";
import { openProject } from "../project.ts";
import { type Invocation, type Session, withSession } from "../session.ts";
import { usageError } from "../usage-error.ts";
import { writeEmitted } from "./write-emitted.ts";

function emitDocument({ image, builder, files }: EmittedImage): object {
  return {
    ...tagDocument(image),
    builder,
    files: files.map(({ path, content, mode, text }) => ({
      path,
      text,
      content: typeof content === "string" ? content : Buffer.from(content).toString("base64"),
      encoding: typeof content === "string" ? "utf8" : "base64",
      mode,
    })),
  };
}

/** Files that hold nothing, such as an ignore file that is to hide another, are no news. */
function hasContent({ content }: EmittedFile): boolean {
  return content.length > 0;
}

function show({ files }: EmittedImage, { stdout, stderr }: Surroundings): void {
  const [main, ...others] = files.filter(hasContent);
  if (!main) return;
  const text = main.text ?? main.content;
  if (typeof text !== "string") {
    const hint = "write it to a folder: --out DIR";
    throw usageError(`${main.path} is not text`, { hint });
  }
  stdout.write(text);
  if (others.length === 0) return;
  const names = others.map(({ path }) => path).join(", ");
  stderr.write(`beside it belong ${names}: --out DIR writes them and the context\n`);
}

async function emitOne(
  { engine, named }: Session,
  { flags, signal }: Invocation<EmitFlags>,
): Promise<EmittedImage> {
  const [spec, ...others] = named;
  if (spec && others.length === 0) {
    return engine.emit(spec, { builder: builderOfFormat[flags.format ?? ""], signal });
  }
  throw usageError("emit takes one spec", { hint: "pick one of the source's specs: FILE#KEY" });
}

/** What a builder would be sent for a spec. */
export async function emit(invocation: Invocation<EmitFlags>): Promise<ExitCode> {
  const { flags, surroundings, signal } = invocation;
  // Not left to commander, which looks at the line alone: a variable may have named it.
  if (flags.format === undefined) throw usageError("required option '--format <format>' not specified");
  const project = await openProject(flags, surroundings);
  const emitted = await withSession(invocation, project, { use: (session) => emitOne(session, invocation) });
  if (flags.out !== undefined) {
    const folder = await writeEmitted(emitted, flags.out, { cwd: project.cwd, signal });
    surroundings.stderr.write(`${folder} holds all that ${emitted.builder} would be sent\n`);
  }
  if (flags.json) writeDocument(emitDocument(emitted), surroundings);
  else if (flags.out === undefined) show(emitted, surroundings);
  return exitCodes.done;
}
