import { ImageSpecError } from "../errors/image-spec-error.ts";
import { parseImageReference } from "../reference/image-reference.ts";

/** One way in which a registry fails somebody, by what is said of it. HOST, REPOSITORY and REFERENCE are replaced. */
export type RegistryFault = Readonly<{ pattern: RegExp; code: string; message: string; hint: string }>;

export type FaultedImage = Readonly<{
  /** The image that the registry was asked for or given. */
  reference: string;
  /** The image that is to be built. */
  image: string;
  field: string;
  /** What was said, without logins in it. */
  said: string;
}>;

/** The typed error for a fault. */
export function registryError(
  fault: RegistryFault,
  { reference, image, field, said }: FaultedImage,
): ImageSpecError {
  const { host, repository } = parseImageReference(reference);
  const fill = (text: string): string =>
    text.replaceAll("HOST", host).replaceAll("REPOSITORY", repository).replaceAll("REFERENCE", reference);
  return new ImageSpecError(fault.code, `${fill(fault.message)} (${said})`, {
    field,
    image,
    hint: fill(fault.hint),
  });
}
