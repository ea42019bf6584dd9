import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createCertificateAuthority } from "@imagespec/test-services";
import type { AuthOptions, BackendOptions, UnionBackend } from "@imagespec/union-backend";
import { afterAll, beforeAll } from "vitest";
import type { UnionOptions } from "../../src/options.ts";
import { openTestbed, PLANTED, type Testbed } from "./testbed.ts";

/** With all that has to be quoted on its way. */
export const clientSecret: string = `${PLANTED}+/of:the client`;

export type SecuredTestbed = Testbed &
  Readonly<{
    /** The authority's certificate, of which the machine knows nothing. */
    authority(): string;
    /** A backend over TLS that wants a sign-in. */
    secured(auth?: Partial<AuthOptions>, options?: Partial<BackendOptions>): Promise<UnionBackend>;
    /** Options that name a configuration file, as people have it. */
    configured(backend: UnionBackend, admin: Readonly<Record<string, unknown>>): Promise<UnionOptions>;
  }>;

export function openSecuredTestbed(): SecuredTestbed {
  const testbed = openTestbed();
  let directory: string;
  let transport: { cert: Buffer; key: Buffer };
  let ca: string;
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "imagespec-union-"));
    const authority = await createCertificateAuthority(directory);
    ca = authority.certificateFile;
    const { certificateFile, keyFile } = await authority.issue("backend");
    transport = { cert: await readFile(certificateFile), key: await readFile(keyFile) };
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));
  return {
    ...testbed,
    authority: () => ca,
    secured: (auth = {}, options = {}) =>
      testbed.backend({ transport, auth: { clientId: "cid", clientSecret, ...auth }, ...options }),
    async configured({ endpoint }, admin) {
      const config = path.join(await testbed.folder(), "config.yaml");
      const settings = {
        admin: { endpoint: `dns:///${endpoint}`, caCertFilePath: ca, ...admin },
        task: { project: "proj", domain: "development" },
      };
      await writeFile(config, JSON.stringify(settings));
      return { config };
    },
  };
}
