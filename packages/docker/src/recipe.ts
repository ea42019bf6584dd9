import type { EmittedFile } from "@imagespec/core/builder";

/**
 * All that an engine is told about a build. `files` are what `emit` gives and lie beside the context's entries; one of
 * them is `Dockerfile`. Values that a Dockerfile cannot hold literally travel in `buildArguments`. `secrets` are the
 * ids that the Dockerfile mounts, `CA_SECRET_ID` among them where the options name a bundle.
 */
export type DockerRecipe = Readonly<{
  files: readonly EmittedFile[];
  buildArguments: Readonly<Record<string, string>>;
  secrets: readonly string[];
}>;
