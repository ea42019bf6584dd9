import type { Existence, ImageIdentity, ImageReference } from "@imagespec/core";

/** Whether anybody may pull an image. `private`: not without a login; `hint` says where to change that. */
export type PublicAccess = Readonly<
  | { verdict: "public"; image: ImageIdentity }
  | { verdict: "private"; detail: string; hint: string }
  | { verdict: "unknown"; reason: string; detail?: string | undefined; hint?: string | undefined }
>;

const refusals: ReadonlySet<string> = new Set(["auth-required-or-absent", "denied"]);

/**
 * The answer from two questions: without a login and, only where that was refused, with one, which tells a private
 * image from one that is not there.
 */
export async function publicAccessOf(
  reference: ImageReference,
  anonymous: Existence,
  ask: () => Promise<Existence>,
): Promise<PublicAccess> {
  if (anonymous.verdict === "present") return { verdict: "public", image: anonymous.image };
  if (anonymous.verdict === "absent") return missing(anonymous.detail);
  if (!refusals.has(anonymous.reason)) return anonymous;
  const known = await ask();
  if (known.verdict === "absent") return missing(known.detail);
  const doubt = known.verdict === "present" ? "" : "; nor is it certain that it is there";
  const detail = `it cannot be pulled without a login${doubt}`;
  return { verdict: "private", detail, hint: whereToChangeAccess(reference) };
}

function missing(detail: string | undefined): PublicAccess {
  return { verdict: "unknown", reason: "absent", detail, hint: "push the image first" };
}

/** Where to change who may pull an image; a general remedy where the registry is not known by its host. */
export function whereToChangeAccess({ host, repository }: ImageReference): string {
  const rule = rules.find(({ matches }) => matches.test(host));
  return rule?.hint(repository.split("/"), host) ?? general;
}

const general =
  "make the repository public in the registry's own settings, or give the cluster a pull secret: kubectl create secret docker-registry";

type Rule = Readonly<{ matches: RegExp; hint: (path: readonly string[], host: string) => string }>;

const rules: readonly Rule[] = [
  {
    matches: /^ghcr\.io$/,
    hint: ([owner = "", ...name]) => {
      const page = `packages/container/${encodeURIComponent(name.join("/"))}/settings`;
      return `change the package's visibility: https://github.com/orgs/${owner}/${page} (a user's: https://github.com/users/${owner}/${page})`;
    },
  },
  {
    matches: /^docker\.io$/,
    hint: (path) =>
      `make the repository public: https://hub.docker.com/repository/docker/${path.join("/")}/settings`,
  },
  {
    matches: /^quay\.io$/,
    hint: (path) => `make the repository public: https://quay.io/repository/${path.join("/")}?tab=settings`,
  },
  {
    matches: /^registry\.gitlab\.com$/,
    hint: (path) =>
      `set the project's visibility and its container registry's to everyone: https://gitlab.com/${path.slice(0, 2).join("/")}/edit`,
  },
  {
    matches: /\.dkr[.-]ecr(-fips)?\./,
    hint: () =>
      "a private ECR repository cannot be made public: let the nodes' role pull (AmazonEC2ContainerRegistryReadOnly), or push to public.ecr.aws",
  },
  {
    matches: /-docker\.pkg\.dev$/,
    hint: ([project, repository], host) =>
      `gcloud artifacts repositories add-iam-policy-binding ${repository} --location=${host.replace(/-docker\.pkg\.dev$/, "")} --project=${project} --member=allUsers --role=roles/artifactregistry.reader`,
  },
  {
    matches: /\.azurecr\.io$/,
    hint: (_, host) => `az acr update --name ${host.split(".")[0]} --anonymous-pull-enabled true`,
  },
];
