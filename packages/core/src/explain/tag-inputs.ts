import { createHash } from "node:crypto";
import { type Canonical, encodeCanonical } from "../plan/encode-canonical.ts";
import { treeInputs } from "./file-inputs.ts";
import { requirementsName, shownValue } from "./input-names.ts";
import type { PlanNames, PlanRecord } from "./plan-record.ts";
import { type Fields, readFields, readList, readText, readTexts } from "./read-value.ts";
import type { TagInput } from "./tag-input.ts";

function digestOf(value: unknown): string {
  const encoded = encodeCanonical((value ?? null) as Canonical);
  return `sha256:${createHash("sha256").update(encoded).digest("hex")}`;
}

function place(name: string, value: unknown): Pick<TagInput, "name" | "key" | "digest"> {
  return { name, key: name, digest: digestOf(value) };
}

function valueInput(name: string, value: unknown): TagInput[] {
  if (value === undefined) return [];
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return [{ ...place(name, value), kind: "value", value: shownValue(name, text) }];
}

type ListOptions = Readonly<{ ordered: boolean }>;

function listInput(name: string, value: unknown, { ordered }: ListOptions): TagInput[] {
  const values = value === undefined ? [] : readTexts(value, name).map((text) => shownValue("", text));
  return values.length === 0 ? [] : [{ ...place(name, value), kind: "list", values, ordered }];
}

function requirementsInput(name: string, value: unknown): TagInput[] {
  const values = readTexts(value, name).map((text) => shownValue("", text));
  return values.length === 0 ? [] : [{ ...place(name, value), kind: "requirements", values }];
}

function recordInputs(prefix: string, value: unknown): TagInput[] {
  return Object.entries(readFields(value, prefix)).flatMap(([name, item]) =>
    valueInput(`${prefix}.${name}`, item),
  );
}

function indexInputs(value: unknown): TagInput[] {
  const { index, extraIndexes, extraArguments } = readFields(value, "index");
  return [
    ...valueInput("pipIndex", index),
    ...listInput("pipExtraIndexUrl", extraIndexes, { ordered: true }),
    ...listInput("pipExtraArgs", extraArguments, { ordered: true }),
  ];
}

/** `-r 1.txt` names a file by its position: here by its name, which stays when others come before it. */
function withNames(lines: readonly string[], names: PlanNames): readonly string[] {
  return lines.map((line) =>
    line.replace(
      /^(-[rc]) (\d+)\.txt$/,
      (_, option, position) => `${option} ${requirementsName(Number(position), names)}`,
    ),
  );
}

function requirementInputs({ files, packages, local, index }: Fields, names: PlanNames): TagInput[] {
  const texts = readList(files, "requirements").flatMap((lines, position) => {
    const named = withNames(readTexts(lines, "requirements"), names);
    const name = requirementsName(position, names);
    return requirementsInput(name, named).map((input) => ({ ...input, digest: digestOf(lines) }));
  });
  const trees = readList(local, "local").flatMap((tree) => treeInputs(tree, { part: "local", names }));
  return [...texts, ...requirementsInput("packages", packages), ...trees, ...indexInputs(index)];
}

function projectInputs(step: Fields, names: PlanNames): TagInput[] {
  const { tool, root, project, installProject, index } = step;
  return [
    ...valueInput("requirements", `${readText(tool, "tool")}${root ? ` in ${readText(root, "root")}` : ""}`),
    ...treeInputs(project, { part: "project", names }),
    ...(installProject ? valueInput("installProject", installProject) : []),
    ...indexInputs(index),
  ];
}

function filesInputs({ origin, trees }: Fields, names: PlanNames): TagInput[] {
  const part = readText(origin, "origin");
  return readList(trees, "trees").flatMap((tree) => treeInputs(tree, { part, names }));
}

function stepInputs(step: Fields, names: PlanNames): TagInput[] {
  switch (readText(step.kind, "a step's kind")) {
    case "cuda":
      return [...valueInput("cuda", step.cuda), ...valueInput("cudnn", step.cudnn)];
    case "apt":
      return requirementsInput("aptPackages", step.packages);
    case "python":
      return [...valueInput("pythonVersion", step.version), ...valueInput("pythonExec", step.executable)];
    case "conda":
      return [
        ...requirementsInput("condaPackages", step.packages),
        ...listInput("condaChannels", step.channels, { ordered: true }),
      ];
    case "environment":
      return [
        ...recordInputs("env", step.variables),
        ...listInput("extraPath", step.extraPath, { ordered: true }),
      ];
    case "requirements":
      return requirementInputs(step, names);
    case "project":
      return projectInputs(step, names);
    case "files":
      return filesInputs(step, names);
    case "commands":
      return listInput("commands", step.commands, { ordered: true });
    case "entrypoint":
      return valueInput("entrypoint", readTexts(step.arguments, "entrypoint"));
    case "labels":
      return recordInputs("labels", step.labels);
    default:
      return valueInput(readText(step.kind, "a step's kind"), step);
  }
}

function optionInputs(value: unknown): TagInput[] {
  return Object.entries(readFields(value ?? {}, "builderOptions")).flatMap(([builder, options]) => {
    const name = `builderOptions.${builder}`;
    const isRecord = typeof options === "object" && options !== null && !Array.isArray(options);
    return isRecord ? recordInputs(name, options) : valueInput(name, options);
  });
}

function baseInputs(value: unknown, names: PlanNames): TagInput[] {
  const { kind, reference, digest, plan } = readFields(value, "base");
  const own = { name: "baseImage", key: "baseImage", kind: "base" } as const;
  if (kind !== "image") {
    const known = digest === undefined ? null : readText(digest, "the base's digest");
    return [{ ...own, digest: known, value: readText(reference, "the base") }];
  }
  const nested = tagInputs({ plan, names: names.base ?? {} }).map((input) => ({
    ...input,
    name: `baseImage.${input.name}`,
    key: `baseImage.${input.key}`,
  }));
  return [{ ...own, digest: digestOf(plan), value: "a spec" }, ...nested];
}

/**
 * Each input of a plan's tag, in the order of the plan.
 *
 * @throws ImageSpecError `PLAN_UNREADABLE`
 */
export function tagInputs({ plan, names = {} }: PlanRecord): readonly TagInput[] {
  const fields = readFields(plan, "it");
  return [
    ...valueInput("recipe", fields.recipe),
    ...baseInputs(fields.base, names),
    ...listInput("platform", fields.platforms, { ordered: false }),
    ...valueInput("workDirectory", fields.workDirectory),
    ...readList(fields.steps, "steps").flatMap((step) => stepInputs(readFields(step, "a step"), names)),
    ...optionInputs(fields.builderOptions),
  ];
}
