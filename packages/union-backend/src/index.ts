export { type BackendOptions, type Call, startUnionBackend, type UnionBackend } from "./backend.ts";
export type { Behaviour } from "./behaviour.ts";
export { type DockerExecutorOptions, dockerExecutor } from "./docker-executor.ts";
export type { Executor, Job } from "./executor.ts";
export type { AuthOptions } from "./oauth.ts";
export type { PutAnswer } from "./object-store.ts";
export { ensureOfficialClient } from "./official-client.ts";
export { BackendState, Run } from "./state.ts";
export { writeDockerfile } from "./write-dockerfile.ts";
