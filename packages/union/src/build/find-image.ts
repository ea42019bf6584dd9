import { Code } from "@connectrpc/connect";
import { parseImageReference } from "@imagespec/core";
import type { BuildRequest, Existence } from "@imagespec/core/builder";
import { asUnionError, codeOf } from "../client/faults.ts";
import type { UnionClient } from "../client/union-client.ts";
import type { UnionOptions } from "../options.ts";
import { isInRegistry, targetImage } from "./target-image.ts";

function present(image: string): Existence {
  const { digest } = parseImageReference(image);
  return { verdict: "present", image: { reference: image, ...(digest !== undefined && { digest }) } };
}

/** Only "not found" is a no: a server that cannot answer knows nothing of the image. */
export async function findImage(
  client: UnionClient,
  request: BuildRequest<UnionOptions>,
): Promise<Existence> {
  const { plan, reference, signal } = request;
  const { organization, domain, name } = client.projectId;
  try {
    const images = await client.images(signal);
    const id = { name: targetImage(reference, plan).lookUp };
    const projectId = { organization, domain, name };
    const answer = await images.getImage(
      { id, organization, projectId },
      { signal, timeoutMs: client.limits.call },
    );
    const image = answer.image?.fqin ?? "";
    if (image === "") return { verdict: "absent" };
    return isInRegistry(image, plan)
      ? present(image)
      : { verdict: "absent", detail: `Union has ${image}, which is not in ${plan.destination.registry}` };
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) === Code.NotFound) return { verdict: "absent" };
    const { code, message, details } = asUnionError(error, "asking Union for the image");
    return { verdict: "unknown", reason: code, detail: message, hint: details.hint };
  }
}
