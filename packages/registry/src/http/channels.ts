import { readFile } from "node:fs/promises";
import { RegistryFault } from "../registry-fault.ts";
import type { AddressClass } from "../transport/address-class.ts";
import type { HostCertificates } from "../transport/certificates.ts";
import { type Environment, proxyFor } from "../transport/proxy-settings.ts";
import type { Channel, TlsSettings } from "../transport/transport.ts";

/** Certificates of a host as a configuration gives them: PEM text, or the path of a file that holds it. */
export type CertificateOptions = Readonly<{
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}>;

export type ChannelSettings = Readonly<{
  environment: Environment;
  certificateFolders: readonly string[];
  certificatesFor(host: string): CertificateOptions | undefined;
  isInsecure(host: string): boolean;
}>;

/** Which classes of addresses a request may reach, beside whether its certificate is checked. */
export type ChannelNeeds = Readonly<{
  verify?: boolean | undefined;
  reach?: ReadonlySet<AddressClass> | undefined;
}>;

const plain: TlsSettings = { context: undefined, verify: true };

/** Makes one channel for each scheme, host and need, so that what is asked alike shares connections. */
export class Channels {
  readonly #settings: ChannelSettings;
  readonly #known = new Map<string, Promise<Channel>>();

  constructor(settings: ChannelSettings) {
    this.#settings = settings;
  }

  for(
    url: URL,
    { verify = !this.#settings.isInsecure(url.host), reach }: ChannelNeeds = {},
  ): Promise<Channel> {
    const key = `${url.origin} ${verify} ${reach === undefined ? "" : [...reach].sort()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const created = this.#create(url, verify, reach);
    this.#known.set(key, created);
    created.catch(() => this.#known.delete(key));
    return created;
  }

  async #create(url: URL, verify: boolean, reach: ReadonlySet<AddressClass> | undefined): Promise<Channel> {
    const tls = url.protocol === "https:" ? await this.#tls(url.host, verify) : plain;
    return { tls, proxy: this.proxyOf(url), reach };
  }

  /** @throws RegistryFault `proxy`, where the environment names none that can be used. */
  proxyOf(url: URL): URL | undefined {
    return proxyFor(url, this.#settings.environment);
  }

  async #tls(host: string, verify: boolean): Promise<TlsSettings> {
    const { readCertificates, secureContext } = await import("../transport/certificates.ts");
    const options = this.#settings.certificatesFor(host);
    const found = await readCertificates(host, this.#settings.certificateFolders);
    const given = options === undefined ? found : await withOptions(found, options);
    return { context: await secureContext(given, host), verify };
  }
}

async function withOptions(found: HostCertificates, options: CertificateOptions): Promise<HostCertificates> {
  const [ca, certificate, key] = await Promise.all([options.ca, options.cert, options.key].map(pemOf));
  return {
    authorities: ca === undefined ? found.authorities : [...found.authorities, ca],
    client: certificate === undefined || key === undefined ? found.client : [{ certificate, key }],
  };
}

/** Unlike what lies in certs.d, a file that a configuration names has to be there. */
async function pemOf(value: string | undefined): Promise<string | undefined> {
  if (value === undefined || value.includes("-----BEGIN")) return value;
  try {
    return await readFile(value, "utf8");
  } catch (error) {
    throw new RegistryFault("tls", {
      detail: `the certificate file ${value} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      hint: "correct registries[host].ca, cert or key: each is a path or PEM text",
      cause: error,
    });
  }
}
