import { findStep } from "@imagespec/core";
import { IMAGE_CERTIFICATES } from "../../options.ts";
import type { Emission } from "../emission.ts";
import { keepCertificates } from "../scripts/certificates.ts";
import { certificateVariables } from "../scripts/script.ts";
import { runStep } from "./run-step.ts";

/** The certificates of the build for the image's own programs, where they are asked for. */
export function writeCertificates(emission: Emission): void {
  const { caCertificates, keepCaCertificates } = emission.options;
  if (caCertificates === undefined || keepCaCertificates !== true) return;
  const reaching = emission.plan.builderOptions.docker as
    | Readonly<{ keepCaCertificates?: unknown }>
    | undefined;
  runStep(emission, emission.image, {
    script: keepCertificates,
    // What a secret holds makes no step another one; its digest does.
    arguments: [IMAGE_CERTIFICATES, String(reaching?.keepCaCertificates ?? "")],
    readsCertificates: true,
  });
  const given = findStep(emission.plan, "environment")?.variables ?? {};
  for (const name of certificateVariables) {
    if (given[name] === undefined) emission.image.add(`ENV ${name}=${IMAGE_CERTIFICATES}`);
  }
}
