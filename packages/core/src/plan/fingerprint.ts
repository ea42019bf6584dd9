import { createHash } from "node:crypto";
import type { BuildPlan, PlannedTree, PlanStep, ProjectStep, RequirementsStep } from "./build-plan.ts";
import { type Canonical, encodeCanonical } from "./encode-canonical.ts";

type CanonicalRecord = { readonly [key: string]: Canonical | undefined };

const base32Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** RFC 4648, section 6, in lower case and without padding. */
export function base32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = ((buffer << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += base32Alphabet[(buffer >> bits) & 31];
    }
  }
  return bits === 0 ? text : text + base32Alphabet[(buffer << (5 - bits)) & 31];
}

/** The first 128 bits of sha256 over the canonical encoding, as 26 letters and digits. */
export function shortHash(value: Canonical): string {
  const digest = createHash("sha256").update(encodeCanonical(value)).digest();
  return base32(digest.subarray(0, 16));
}

function canonicalTree(tree: PlannedTree, documents: Readonly<Record<string, string>> = {}): CanonicalRecord {
  const files = tree.files.map((file): Canonical => {
    if (file.type === "directory") return ["directory", file.path];
    if (file.type === "symlink") return ["symlink", file.path, file.target];
    return ["file", file.path, (file.mode & 0o111) !== 0, documents[file.path] ?? file.sha256];
  });
  return { target: tree.target, files };
}

function canonicalRequirements({ files, packages, local, index }: RequirementsStep): CanonicalRecord {
  return {
    kind: "requirements",
    files: files.map(({ lines }) => lines),
    packages,
    local: local.map((tree) => canonicalTree(tree)),
    index: { ...index },
  };
}

function canonicalProject(step: ProjectStep): CanonicalRecord {
  const { tool, root, project, documents, installProject, index } = step;
  return {
    kind: "project",
    tool,
    root,
    project: canonicalTree(project, documents),
    installProject,
    index: { ...index },
  };
}

function canonicalStep(step: PlanStep): CanonicalRecord {
  switch (step.kind) {
    case "requirements":
      return canonicalRequirements(step as RequirementsStep);
    case "project":
      return canonicalProject(step as ProjectStep);
    case "files": {
      const { kind, origin, trees } = step as Extract<PlanStep, { kind: "files"; origin: string }>;
      return { kind, origin, trees: (trees as readonly PlannedTree[]).map((tree) => canonicalTree(tree)) };
    }
    default:
      return step as CanonicalRecord;
  }
}

/**
 * What of a plan decides the image, and nothing else: no name, registry, builder, tag format, secrets or paths of the
 * host. This is what is hashed, and what the label `dev.imagespec.plan` holds. A base that is a plan of its own
 * stands in it by that plan's canonical form.
 */
export function canonicalPlan(plan: BuildPlan): CanonicalRecord {
  const { base } = plan;
  return {
    recipe: plan.recipe,
    base:
      base.kind === "image"
        ? { kind: "image", plan: canonicalPlan(base.plan) }
        : { kind: "reference", reference: base.reference, digest: base.digest },
    platforms: plan.platforms,
    workDirectory: plan.workDirectory,
    steps: plan.steps.map(canonicalStep),
    builderOptions: plan.builderOptions as CanonicalRecord,
  };
}

/**
 * The content address of a plan: 26 characters, lower-case base32 of the first 128 bits of sha256 over
 * {@link canonicalPlan}. Equal for plans that promise the same packages, files, environment, entrypoint and platform.
 */
export function fingerprint(plan: BuildPlan): string {
  return shortHash(canonicalPlan(plan));
}
