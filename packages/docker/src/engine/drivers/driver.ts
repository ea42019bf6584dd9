import type { Readable } from "node:stream";
import type {
  BuildEvent,
  BuildRequest,
  ContextEntry,
  EmittedFile,
  ImageConfig,
  PushOrder,
  PushResult,
} from "@imagespec/core";
import type { UnlabelledDockerfile } from "../../dockerfile/index.ts";
import type { DockerOptions } from "../../options.ts";
import type { Environment } from "../docker-config.ts";
import type { HostLogins } from "../host-logins.ts";
import type { LocalImage } from "../local-image.ts";
import type { Abilities } from "./abilities.ts";
import type { EngineName } from "./engine-name.ts";

/** What a driver looks for an engine with. */
export type Search = Readonly<{ options: DockerOptions; environment: Environment; signal: AbortSignal }>;

/** What builds with one engine work with. */
export type Lent = Readonly<{
  /** The request, whose events and logins go through a redactor. */
  request: BuildRequest<DockerOptions>;
  /** What the build takes from registries, the base first. */
  images: readonly string[];
  /** By id; nothing else is lent. Filled before the first build. */
  secrets: ReadonlyMap<string, Uint8Array>;
  logins: HostLogins;
  environment: Environment;
}>;

/** One build of a context. */
export type BuildOrder = Readonly<{
  /** The image that events and errors are about. */
  image: string;
  /** What it is to be called; undefined: nothing. */
  reference: string | undefined;
  /** What the Dockerfile starts from. */
  base: string;
  platforms: readonly string[];
  /** The Dockerfile's own text, for engines that do not know all of it. */
  dockerfile: string;
  /** The same for engines that are told labels beside it. */
  unlabelled: UnlabelledDockerfile;
  /** What the context holds, the Dockerfile and our own files among it. */
  entries(): AsyncIterable<ContextEntry>;
  /** Told how many bytes of the context's files were sent so far, now and then and at the end. */
  report(bytes: number, done: boolean): void;
  /** A new uncompressed tar of the context, with more files in it, whose bytes are reported. */
  context(more: readonly EmittedFile[]): Readable;
  buildArguments: Readonly<Record<string, string>>;
  /** Arguments that are neither in the image nor in its history. */
  proxies: Readonly<Record<string, string>>;
  /** Nothing that was built before counts. */
  noCache: boolean;
  emit(event: BuildEvent): void;
  signal: AbortSignal;
}>;

/** `isPushed`: the registry has it too. */
export type Built = Readonly<{
  localId?: string | undefined;
  digest?: string | undefined;
  mediaType?: string | undefined;
  isPushed?: true;
}>;

/** An engine that is ready to build one image; `close` may be called once, however the build ended. */
export type OpenEngine = Readonly<{
  /** @throws ImageSpecError `BUILD_STEP_FAILED` and its kin; the signal's reason on abort */
  build(order: BuildOrder): Promise<Built>;
  /** Where builds do not push. */
  push?(order: PushOrder): Promise<PushResult>;
  /** The base's config, from where the engine itself would take it; undefined: nobody has it without building. */
  baseConfig?(base: string, platform: string): Promise<ImageConfig | undefined>;
  /** Removes an image that has no name. */
  remove?(id: string): Promise<void>;
  close(): Promise<void>;
}>;

/** An engine that is there. */
export type FoundEngine = Readonly<{
  name: EngineName;
  version: string;
  /** Which one it is, for people: its address or program, and what it is like. */
  detail: string;
  /** Where it listens, as docker's config.json names it. */
  address?: string | undefined;
  /** What it runs without emulation. */
  platform: string;
  abilities: Abilities;
  /** The image of that name in its own store. */
  findImage(name: string, signal: AbortSignal): Promise<LocalImage | undefined>;
  /** @throws ImageSpecError where it cannot build after all */
  check?(signal: AbortSignal): Promise<void>;
  open(lent: Lent): Promise<OpenEngine>;
}>;

/** One way to an engine. */
export type Driver = Readonly<{
  name: EngineName;
  /** @throws ImageSpecError that says why it cannot be used here */
  find(search: Search): Promise<FoundEngine>;
}>;
