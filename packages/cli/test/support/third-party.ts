import { type Ended, runCommand } from "./command.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export type Files = Readonly<Record<string, string>>;

/** A third party's package as it is installed. */
export function installed(name: string, code: string): Files {
  const folder = `node_modules/imagespec-builder-${name}`;
  const manifest = { name: `imagespec-builder-${name}`, type: "module", exports: "./index.js" };
  return { [`${folder}/package.json`]: JSON.stringify(manifest), [`${folder}/index.js`]: code };
}

/** A builder that does everything but build, with other fields where a test says so. */
export function builder(name: string, fields = ""): string {
  return `{
    interfaceVersion: 1, name: "${name}", capabilities: { localStore: true },
    probe: async () => ({ available: true, version: "1" }),
    exists: async () => ({ verdict: "absent" }),
    build: async ({ reference }) => ({ reference, localId: "1", warnings: [] }),
    ${fields}
  }`;
}

/** Runs the command on an image of the builder `other`. */
export async function build(files: Files, args: readonly string[] = ["build"]): Promise<Ended> {
  const image = `name: app\nbuilder: other\nbase_image: debian@sha256:${"0".repeat(64)}\n`;
  return runCommand(args, { cwd: temporaryFolder({ "image.yaml": image, ...files }) });
}
