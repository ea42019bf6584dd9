export { envd } from "./builder.ts";
export { checkEnvdConfig, type EmittedEnvdConfig, emitEnvdConfig } from "./emit/emit-envd-config.ts";
export { type EnvdBuilderKind, type EnvdOptions, envdOptionsSchema } from "./options.ts";
