import { join } from "node:path";
import { ensurePythonPrograms } from "@imagespec/test-services";

/** The programs as pip brings them: both are single files, which need nothing around them. */
export async function ensurePrograms(): Promise<Readonly<{ envd: string; uv: string }>> {
  const directory = await ensurePythonPrograms(["envd==1.3.6", "uv==0.13.8"]);
  return { envd: join(directory, "bin", "envd"), uv: join(directory, "bin", "uv") };
}
