import type { PushPermission } from "@imagespec/core";
import type { Identity } from "../auth/authenticator.ts";
import { grantedActions } from "../auth/granted-actions.ts";
import { MAX_ERROR_BYTES } from "../limits.ts";
import { excerpt } from "../redact.ts";
import { hintFor, loginHint } from "./hints.ts";
import { errorsOf, type RegistryErrorEntry } from "./judge-answer.ts";
import { verdictOf } from "./manifest-source.ts";
import type { Place } from "./place.ts";
import type { RegistryAnswer, RegistrySession } from "./registry-session.ts";
import { repositoryCommand } from "./repository-command.ts";
import type { UnknownVerdict } from "./verdict.ts";

export type PushQuestion = Readonly<{ place: Place; identity: Identity; signal: AbortSignal | undefined }>;

/**
 * Whether a push would be let in: the token's scope where it can be read, and an upload session that is opened and, as
 * far as the registry lets us, cancelled. No byte of an image is sent.
 */
export async function checkPush(session: RegistrySession, question: PushQuestion): Promise<PushPermission> {
  try {
    const reply = await openUpload(session, question);
    if (reply.answer.status < 200 || reply.answer.status >= 300) return judge(reply, question.place);
    await cancelUpload(session, question, reply);
    return allowed(reply, question.place);
  } catch (error) {
    return judgeFault(session, question, verdictOf(error));
  }
}

/** Some registries open a session for anybody and refuse its end. */
function allowed(reply: RegistryAnswer, place: Place): PushPermission {
  const actions = grantedActions(reply.login?.header, place.repository);
  const source = sourceOf(reply);
  if (actions === undefined || actions.includes("push") || actions.includes("*"))
    return { verdict: "allowed", ...source };
  const message = `the token of ${place.host} for ${place.repository} allows ${actions.join() || "nothing"}, not push`;
  return { verdict: "denied", message, ...pushDenied(reply.login?.source ?? "the login"), ...source };
}

async function judgeFault(
  session: RegistrySession,
  question: PushQuestion,
  { reason, detail, hint }: UnknownVerdict,
): Promise<PushPermission> {
  const { place } = question;
  const denial = denialByTokenServer(reason, place);
  if (denial !== undefined) return { verdict: "denied", message: detail, ...denial };
  const command = reason === "connection-lost" ? repositoryCommand(place) : undefined;
  if (command !== undefined && (await lacksRepository(session, question)))
    return { verdict: "denied", code: "REGISTRY_REPOSITORY_MISSING", message: detail, hint: command };
  return { verdict: "unknown", reason: `${reason}: ${detail}`, hint: command ?? hint };
}

/** ECR cuts the connection of an upload to a repository that is not there (aws/containers-roadmap#1970). */
async function lacksRepository(session: RegistrySession, question: PushQuestion): Promise<boolean> {
  try {
    const { answer } = await session.ask({
      ...question,
      method: "GET",
      path: "tags/list?n=1",
      actions: "pull,push",
      maxBody: MAX_ERROR_BYTES,
      tries: 1,
    });
    return isMissingRepository(answer.status, errorsOf(answer) ?? [], question.place);
  } catch (error) {
    // The first fault is told; this one adds nothing to it.
    verdictOf(error);
    return false;
  }
}

function openUpload(session: RegistrySession, question: PushQuestion): Promise<RegistryAnswer> {
  return session.ask({
    ...question,
    method: "POST",
    path: "blobs/uploads/",
    actions: "pull,push",
    maxBody: MAX_ERROR_BYTES,
  });
}

/** Best effort: a session that stays is an empty folder, which registries clean up by themselves. */
async function cancelUpload(
  session: RegistrySession,
  question: PushQuestion,
  { answer }: RegistryAnswer,
): Promise<void> {
  const [location] = answer.header("location");
  if (location === undefined || !URL.canParse(location, answer.url.href)) return;
  const path = new URL(location, answer.url);
  if (path.host !== answer.url.host || path.protocol !== answer.url.protocol) return;
  try {
    await session.ask({
      ...question,
      method: "DELETE",
      path,
      actions: "pull,push",
      maxBody: MAX_ERROR_BYTES,
      tries: 1,
    });
  } catch (error) {
    verdictOf(error);
  }
}

function judge(reply: RegistryAnswer, place: Place): PushPermission {
  const { answer } = reply;
  const errors = errorsOf(answer) ?? [];
  const said = errors.map(({ code, message }) => `${code} ${message}`.trim()).join("; ");
  const text = said === "" ? excerpt(Buffer.from(answer.body).toString("utf8")) : said;
  const message = `${place.host} refuses a push to ${place.repository}: ${answer.status} ${text}`.trim();
  const denial = denialOf(reply, errors, place);
  const fault = answer.status === 401 ? reply.login?.fault : undefined;
  // There may be a login, in a source that could not be asked: that is what has to be put right.
  if (denial !== undefined && fault !== undefined)
    return { verdict: "denied", ...denial, message: `${fault.message}; ${message}`, hint: fault.hint };
  if (denial !== undefined) return { verdict: "denied", message, ...denial, ...sourceOf(reply) };
  const reason = answer.status === 429 ? "rate-limited" : answer.status >= 500 ? "server-error" : "protocol";
  return { verdict: "unknown", reason: `${reason}: ${message}`, hint: hintFor(reason, place) };
}

type Denial = Readonly<{ code: string; hint: string | undefined }>;

function denialOf(
  { answer: { status }, login }: RegistryAnswer,
  errors: readonly RegistryErrorEntry[],
  place: Place,
): Denial | undefined {
  if (isMissingRepository(status, errors, place))
    return { code: "REGISTRY_REPOSITORY_MISSING", hint: repositoryCommand(place) };
  if (status === 401 && !login?.granted) return loginNeeded(place, login?.hasCredential === true);
  if (status === 401 && !login?.hasCredential) return loginNeeded(place, false);
  if (status === 401 || status === 403) return pushDenied(login?.source ?? "the login");
  if (status !== 405 && !errors.some(({ code }) => code === "UNSUPPORTED")) return undefined;
  return {
    code: "REGISTRY_READ_ONLY",
    hint: "push elsewhere: the registry may be a cache, or in read-only mode",
  };
}

function loginNeeded(place: Place, wrong: boolean): Denial {
  const hint = wrong ? hintFor("bad-credentials", place) : loginHint(place.host);
  return { code: "REGISTRY_LOGIN", hint };
}

function pushDenied(who: string): Denial {
  return {
    code: "REGISTRY_PUSH_DENIED",
    hint: `${who} may not push there: ask for write access, or push elsewhere`,
  };
}

/** ECR and Google's registries want repositories made beforehand; elsewhere a push makes them. */
function isMissingRepository(status: number, errors: readonly RegistryErrorEntry[], place: Place): boolean {
  if (repositoryCommand(place) === undefined || (status !== 404 && status !== 403)) return false;
  return errors.some(
    ({ code, message }) =>
      code === "NAME_UNKNOWN" ||
      code === "REPOSITORYNOTFOUNDEXCEPTION" ||
      /repository .{0,200}(does not exist|not found)/i.test(message),
  );
}

function sourceOf({ login }: RegistryAnswer): { credentialSource?: string } {
  return login === undefined ? {} : { credentialSource: login.source };
}

function denialByTokenServer(reason: string, place: Place): Denial | undefined {
  if (reason === "denied") return pushDenied("the login");
  const wrong = reason === "bad-credentials";
  return wrong || reason === "auth-required-or-absent" ? loginNeeded(place, wrong) : undefined;
}
