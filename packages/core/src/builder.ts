export type * from "./builder/builder.ts";
export type { ContextEntry } from "./context/context-entry.ts";
export type { BuildEvent } from "./engine/events.ts";
export type * from "./engine/registry-service.ts";
export type * from "./plan/build-plan.ts";
