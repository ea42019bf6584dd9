import { type ExitCode, exitCodes } from "../exit-code.ts";
import { tagDocument } from "../output/documents.ts";
import { writeDocument } from "../output/json-document.ts";
import { openProject } from "../project.ts";
import { type Invocation, withSession } from "../session.ts";

/** The references of the images. No network, and no builder's refusals. */
export async function tag(invocation: Invocation): Promise<ExitCode> {
  const { flags, surroundings, signal } = invocation;
  const project = await openProject(flags, surroundings);
  const images = await withSession(invocation, project, {
    use: ({ engine, named }) => engine.resolve(named, signal),
  });
  if (flags.json) writeDocument({ images: images.map(tagDocument) }, surroundings);
  else surroundings.stdout.write(images.map(({ reference }) => `${reference}\n`).join(""));
  return exitCodes.done;
}
