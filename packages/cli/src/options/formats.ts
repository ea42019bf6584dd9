/** The builder that emits each format. */
export const builderOfFormat: Readonly<Record<string, string>> = {
  dockerfile: "docker",
  envd: "envd",
  union: "union",
};

export const formatNames: readonly string[] = Object.keys(builderOfFormat);
