import { type Reply, type Sending, send } from "../../src/testing/test-support/send.ts";

/** What is compared of an answer: status, error codes and the headers below. */
export type Summary = Readonly<Record<string, number | string | undefined>>;

export type Step = Readonly<{
  name: string;
  /** `METHOD path`; `{location}` is what the last Location header named. */
  ask: string;
  sending?: Sending;
  /** Where this registry answers otherwise, and why. Each field named must really differ. */
  differs?: Readonly<{ ours: Summary; why: string }>;
}>;

export type Compared = Readonly<{ step: Step; docker: Summary; ours: Summary }>;

/** The fields of `ours` that docker's registry answers otherwise. */
export function differences({ docker, ours }: Compared): Summary {
  return Object.fromEntries(Object.entries(ours).filter(([name, value]) => docker[name] !== value));
}

const comparedHeaders = [
  "accept-ranges",
  "content-length",
  "content-range",
  "content-type",
  "docker-content-digest",
  "docker-distribution-api-version",
  "docker-upload-uuid",
  "etag",
  "link",
  "location",
  "oci-subject",
  "range",
  "www-authenticate",
] as const;

/** Asks both the same, one step after the other, because most depend on those before. */
export async function compare(
  urls: Readonly<{ docker: string; ours: string }>,
  steps: readonly Step[],
): Promise<readonly Compared[]> {
  const [docker, ours] = await Promise.all([run(urls.docker, steps), run(urls.ours, steps)]);
  return steps.map((step, index) => ({ step, docker: docker[index] ?? {}, ours: ours[index] ?? {} }));
}

async function run(url: string, steps: readonly Step[]): Promise<readonly Summary[]> {
  const summaries: Summary[] = [];
  let location = "";
  for (const { ask, sending } of steps) {
    const reply = await send(url, substitute(ask, location), { ...sending, allowCut: true });
    location = reply.headers.location ?? location;
    summaries.push(summarize(reply));
  }
  return summaries;
}

/** Parameters are added to a location that may have some of its own. */
function substitute(ask: string, location: string): string {
  return location.includes("?")
    ? ask.replace("{location}?", `${location}&`).replace("{location}", location)
    : ask.replace("{location}", location);
}

function summarize({ status, codes, headers }: Reply): Summary {
  const values = comparedHeaders.map((name) => [name, normalize(headers[name])] as const);
  // JSON is each registry's own, down to the line end, and so is its length.
  const isJson = headers["content-type"]?.startsWith("application/json") ?? false;
  const length = status < 300 && !isJson ? headers["content-length"] : undefined;
  return { status, codes: codes.join(), ...Object.fromEntries(values), "content-length": length };
}

function normalize(value: string | readonly string[] | undefined): string | undefined {
  return value
    ?.toString()
    .replace(/http:\/\/127\.0\.0\.1:\d+/, "URL")
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "UUID")
    .replace(/[?&]_state=[^&]*/, "")
    .replace(/(?<=scope=")[^"]*/, sortScopes);
}

/** docker's registry has them, and the actions of each, in no order. */
function sortScopes(scopes: string): string {
  const sortActions = (actions: string): string => actions.split(",").sort().join(",");
  const sorted = scopes.split(" ").map((scope) => scope.replace(/[^:]*$/, sortActions));
  return sorted.sort().join(" ");
}
