import type { FailedStep } from "../errors/image-spec-error.ts";

/**
 * What happens while images are built, in order for each image. Times are milliseconds since the epoch; sizes are
 * bytes. `image` is the reference being built. Texts never hold secrets.
 */
export type BuildEvent = Readonly<
  | { type: "image-planned"; image: string; name: string; builder: string; platforms: readonly string[] }
  | {
      type: "existence";
      image: string;
      verdict: "present" | "absent" | "unknown";
      detail?: string | undefined;
    }
  | { type: "build-start"; image: string; time: number; builder: string; forced: boolean }
  | { type: "context"; image: string; bytes: number; done: boolean }
  | { type: "step-start"; image: string; step: string; name: string; time: number }
  | { type: "step-log"; image: string; step: string; stream: "stdout" | "stderr"; line: string }
  | {
      type: "step-progress";
      image: string;
      step: string;
      item: string;
      current: number;
      total?: number | undefined;
    }
  | {
      type: "step-end";
      image: string;
      step: string;
      time: number;
      cached: boolean;
      error?: string | undefined;
    }
  | {
      type: "push-progress";
      image: string;
      item: string;
      status: string;
      current?: number | undefined;
      total?: number | undefined;
    }
  | { type: "push-end"; image: string; time: number; digest?: string | undefined }
  | {
      type: "warning";
      image: string;
      code: string;
      message: string;
      hint?: string | undefined;
      /** The builder waits for somebody to do what the message says. */
      waiting?: boolean | undefined;
    }
  | {
      type: "image-end";
      image: string;
      time: number;
      status: "built" | "present" | "failed" | "skipped";
      digest?: string | undefined;
      error?:
        | Readonly<{
            code: string;
            message: string;
            hint?: string | undefined;
            step?: FailedStep | undefined;
          }>
        | undefined;
    }
>;
