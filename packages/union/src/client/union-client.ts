import type { DescService } from "@bufbuild/protobuf";
import { type Client, Code, createClient, type Transport } from "@connectrpc/connect";
import { ClusterService } from "@flyteorg/flyteidl2/flyteidl2/cluster/service_pb.ts";
import type { DataProxyService } from "@flyteorg/flyteidl2/flyteidl2/dataproxy/dataproxy_service_pb.ts";
import { ImageService } from "@flyteorg/flyteidl2/flyteidl2/imagebuilder/service_pb.ts";
import type { TaskService } from "@flyteorg/flyteidl2/flyteidl2/task/task_service_pb.ts";
import type { RunService } from "@flyteorg/flyteidl2/flyteidl2/workflow/run_service_pb.ts";
import { type AuthorityOptions, createAuthority } from "../auth/authority.ts";
import type { Prompts } from "../auth/prompts.ts";
import { parseEndpoint } from "../config/endpoint.ts";
import type { Settings } from "../config/settings.ts";
import type { Authority } from "./authorize.ts";
import { codeOf } from "./faults.ts";
import type { Limits } from "./limits.ts";
import { openTransport } from "./transport.ts";

/** What SelectCluster is asked for. The message types are older than the servers and lack the last one. */
export const Operation = {
  CREATE_UPLOAD_LOCATION: 1,
  UPLOAD_INPUTS: 2,
  GET_ACTION_DATA: 3,
  TAIL_LOGS: 6,
  GET_IMAGE: 10,
} as const;

export type RunName = Readonly<{ org: string; project: string; domain: string; name: string }>;

/** Union's services: the endpoint's own, and those of the cluster that holds what is asked for. */
export class UnionClient {
  readonly settings: Settings;
  readonly prompts: Prompts;
  readonly limits: Limits;
  readonly #authority: Authority;
  readonly #main: Transport;
  readonly #clusters = new Map<string, Promise<Transport>>();
  readonly #transports = new Map<string, Transport>();

  constructor(options: AuthorityOptions) {
    const { settings, prompts, limits } = options;
    this.settings = settings;
    this.prompts = prompts;
    this.limits = limits;
    this.#authority = createAuthority(options);
    this.#main = openTransport({ ...settings, ping: limits.ping }, this.#authority);
    this.#transports.set(settings.endpoint.origin, this.#main);
  }

  get projectId(): Readonly<{ organization: string; project: string; domain: string; name: string }> {
    const { org, project, domain } = this.settings;
    return { organization: org, project, domain, name: project };
  }

  // What only builds need is loaded by builds: most calls find their image there.
  async runs(): Promise<Client<typeof RunService>> {
    const { RunService: service } = await import("@flyteorg/flyteidl2/flyteidl2/workflow/run_service_pb.ts");
    return createClient(service, this.#main);
  }

  async tasks(): Promise<Client<typeof TaskService>> {
    const { TaskService: service } = await import("@flyteorg/flyteidl2/flyteidl2/task/task_service_pb.ts");
    return createClient(service, this.#main);
  }

  images(signal: AbortSignal): Promise<Client<typeof ImageService>> {
    return this.#clientFor(ImageService, Operation.GET_IMAGE, { signal });
  }

  /** Uploads go to the project's cluster; the data and the logs of a run lie in that of the run. */
  async data(
    operation: number,
    options: { signal: AbortSignal; run?: RunName },
  ): Promise<Client<typeof DataProxyService>> {
    const { DataProxyService: service } = await import(
      "@flyteorg/flyteidl2/flyteidl2/dataproxy/dataproxy_service_pb.ts"
    );
    return this.#clientFor(service, operation, options);
  }

  async #clientFor<S extends DescService>(
    service: S,
    operation: number,
    options: { signal: AbortSignal; run?: RunName },
  ): Promise<Client<S>> {
    const key = `${operation} ${options.run?.name ?? ""}`;
    const chosen = this.#clusters.get(key) ?? this.#select(operation, options);
    this.#clusters.set(key, chosen);
    try {
      return createClient(service, await chosen);
    } catch (error) {
      this.#clusters.delete(key);
      throw error;
    }
  }

  async #select(
    operation: number,
    { signal, run }: { signal: AbortSignal; run?: RunName },
  ): Promise<Transport> {
    const { organization, domain, name } = this.projectId;
    const resource = run
      ? { case: "actionId" as const, value: { run, name: "a0" } }
      : { case: "projectId" as const, value: { organization, domain, name } };
    const clusters = createClient(ClusterService, this.#main);
    try {
      const options = { signal, timeoutMs: this.limits.call };
      const { clusterEndpoint } = await clusters.selectCluster({ operation, resource }, options);
      return clusterEndpoint === "" ? this.#main : this.#transportTo(clusterEndpoint);
    } catch (error) {
      if (codeOf(error) === Code.Unimplemented) return this.#main;
      throw error;
    }
  }

  #transportTo(address: string): Transport {
    const endpoint = parseEndpoint(address, !this.settings.endpoint.isSecure);
    const known = this.#transports.get(endpoint.origin);
    const transport =
      known ?? openTransport({ ...this.settings, endpoint, ping: this.limits.ping }, this.#authority);
    this.#transports.set(endpoint.origin, transport);
    return transport;
  }
}
