import { formatImageReference, parseImageReference, type RegistryQuery } from "@imagespec/core";
import type { PublicAccess } from "@imagespec/registry";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { writeDocument } from "../output/json-document.ts";
import { sanitize } from "../output/sanitize.ts";
import { openProject, type Project } from "../project.ts";
import { type Invocation, withRegistry, withSession } from "../session.ts";
import { isSource } from "../specs/is-source.ts";
import { usageError } from "../usage-error.ts";

type Asked = Readonly<{ reference: string; query: RegistryQuery }>;

async function referenceOf(invocation: Invocation, project: Project): Promise<Asked> {
  const [argument] = invocation.sources;
  if (argument !== undefined && !isSource(argument, project.config)) {
    invocation.listen();
    return { reference: formatImageReference(parseImageReference(argument)), query: {} };
  }
  const images = await withSession(invocation, project, {
    use: ({ engine, named }) => engine.resolve(named, invocation.signal),
  });
  const [image, ...others] = images;
  if (!image || others.length > 0) {
    throw usageError("check-public asks about one image", {
      hint: "pick one of the source's specs: FILE#KEY",
    });
  }
  const { reference, registryConfig } = image;
  const { registry, insecure } = image.plan.destination;
  if (registry !== undefined) return { reference, query: { insecure, registryConfig } };
  const hint = "give the spec a registry, or name one: --registry ghcr.io/ORG";
  throw usageError(`${reference} is in no registry`, { hint });
}

const exitCodeFor: Readonly<Record<PublicAccess["verdict"], ExitCode>> = {
  public: exitCodes.done,
  private: exitCodes.failed,
  unknown: exitCodes.unknown,
};

function explain(access: PublicAccess): string {
  if (access.verdict === "public") return "";
  const reason = access.verdict === "unknown" ? access.reason : undefined;
  const parts = [reason, access.detail].filter((part) => part !== undefined).join(": ");
  return sanitize(`${parts}\n${access.hint ? `  hint: ${access.hint}\n` : ""}`);
}

/** Whether a cluster can pull an image without credentials. */
export async function checkPublic(invocation: Invocation): Promise<ExitCode> {
  const { flags, surroundings, signal } = invocation;
  const project = await openProject(flags, surroundings);
  const { reference, query } = await referenceOf(invocation, project);
  const access = await withRegistry(project, surroundings, (registry) =>
    registry.checkPublic(reference, { ...query, signal }),
  );
  if (flags.json) writeDocument({ reference, ...access }, surroundings);
  else {
    surroundings.stdout.write(`${access.verdict}\n`);
    surroundings.stderr.write(explain(access));
  }
  return exitCodeFor[access.verdict];
}
