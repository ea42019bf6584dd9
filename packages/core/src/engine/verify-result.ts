import type { BuildResult } from "../builder/builder.ts";
import { ImageSpecError } from "../errors/image-spec-error.ts";
import { isDigest } from "../reference/reference-grammar.ts";
import type { GraphNode } from "./build-graph.ts";
import type {
  ExpectedImage,
  PushDifference,
  PushVerification,
  RegistryQuery,
  RegistryService,
} from "./registry-service.ts";

/** A build that ended well, as its builder says. */
export type BuiltNode = Readonly<{
  node: GraphNode;
  registry: RegistryService | undefined;
  destination: "registry" | "local";
  query: RegistryQuery;
}>;

function wrongResult({ builder, image }: GraphNode, what: string): ImageSpecError {
  return new ImageSpecError(
    "BUILDER_RESULT",
    `the ${builder.name} builder says that it is done, but ${what}`,
    {
      image: image.reference,
      hint: `this is a fault of the ${builder.name} builder, or of a registry that changes what it is given; not of the spec`,
    },
  );
}

function checkShape(node: GraphNode, result: BuildResult): void {
  const reference: unknown = (result as Partial<BuildResult> | undefined)?.reference;
  if (typeof reference !== "string" || reference === "") throw wrongResult(node, "not under which name");
  const { digest } = result;
  if (digest !== undefined && !(typeof digest === "string" && isDigest(digest))) {
    throw wrongResult(node, `its digest is none: ${JSON.stringify(digest)}`);
  }
}

function notVerified(
  image: string,
  found: Extract<PushVerification, { verdict: "unknown" }>,
): ImageSpecError {
  const message = `the push ended well, but asking the registry did not: ${found.reason}`;
  return new ImageSpecError("BUILD_NOT_VERIFIED", message, { image, hint: found.hint });
}

function listed(differences: readonly PushDifference[]): string {
  return differences.map(({ what, expected, found }) => `${what} ${expected}, there ${found}`).join("; ");
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^:/]*$/, "");
}

/** Somebody else's push, or a change by the registry, leaves the image that was pushed where its digest finds it. */
async function isThere(built: BuiltNode, reference: string, digest: string): Promise<boolean> {
  const found = await built.registry?.exists(`${withoutTag(reference)}@${digest}`, built.query);
  return found?.verdict === "present";
}

/** Whose fault it is that the registry has another image than the builder says. */
async function differs(
  built: BuiltNode,
  { reference, digest }: BuildResult,
  differences: readonly PushDifference[],
): Promise<ImageSpecError> {
  const said = differences.find(({ what }) => what === "digest");
  if (said?.found === "none") return wrongResult(built.node, `${reference} is not in the registry`);
  if (said === undefined)
    return wrongResult(built.node, `the registry has another image: ${listed(differences)}`);
  if (digest !== undefined && !(await isThere(built, reference, digest))) {
    return wrongResult(built.node, `the registry has no ${digest}: ${reference} is ${said.found}`);
  }
  return new ImageSpecError(
    "BUILD_DIFFERS",
    `the registry has another image than was pushed: ${listed(differences)}`,
    {
      image: reference,
      hint: "somebody else pushes to this tag, or the registry changes what it is given; build again with --force",
    },
  );
}

/**
 * What a builder says it made, held against what the registry has. What was built elsewhere may be out of our sight.
 *
 * @throws ImageSpecError `BUILDER_RESULT` where the builder is wrong, `BUILD_DIFFERS` where somebody else has pushed
 * since, `BUILD_NOT_VERIFIED` where the registry does not say
 */
export async function verifyResult(built: BuiltNode, result: BuildResult): Promise<BuildResult> {
  const { registry, node, destination, query } = built;
  const { remote } = node.builder;
  checkShape(node, result);
  if ((destination === "local" && !remote) || !registry) return result;
  const expected: ExpectedImage = {
    digest: result.digest,
    mediaType: result.mediaType,
    platforms: node.image.plan.platforms,
  };
  const found = await registry.verifyPush(result.reference, expected, query);
  if (found.verdict === "unknown") {
    if (remote) return result;
    throw notVerified(result.reference, found);
  }
  if (found.verdict === "different") throw await differs(built, result, found.differences);
  return { ...result, ...found.image, reference: result.reference, warnings: result.warnings ?? [] };
}
