export * from "./builder.ts";
export {
  type ErrorDetails,
  type ErrorIssue,
  type FailedStep,
  ImageSpecError,
} from "./errors/image-spec-error.ts";
export { findStep } from "./plan/build-plan.ts";
