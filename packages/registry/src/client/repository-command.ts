import type { Place } from "./place.ts";

const ecr =
  /^(?<account>\d{12})\.dkr[.-]ecr(?:-fips)?\.(?<region>[a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/;
const googleArtifacts = /^(?<location>[a-z0-9-]+)-docker\.pkg\.dev$/;

/** The command that makes the repository, for registries that make none on push; undefined for all others. */
export function repositoryCommand({
  host,
  repository,
}: Pick<Place, "host" | "repository">): string | undefined {
  const amazon = ecr.exec(host)?.groups;
  if (amazon !== undefined)
    return `aws ecr create-repository --repository-name ${repository} --registry-id ${amazon.account} --region ${amazon.region}`;
  const google = googleArtifacts.exec(host)?.groups;
  const [project, name] = repository.split("/");
  if (google === undefined || project === undefined || name === undefined) return undefined;
  return `gcloud artifacts repositories create ${name} --repository-format=docker --location=${google.location} --project=${project}`;
}
