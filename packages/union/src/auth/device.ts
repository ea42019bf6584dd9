import { setTimeout as sleep } from "node:timers/promises";
import { commonForm, type FlowOptions } from "./pkce.ts";
import { signInFailed } from "./sign-in-failed.ts";
import { askToken, postForm, type Token, textOf } from "./token-endpoint.ts";

const GRANT = "urn:ietf:params:oauth:grant-type:device_code";

/** Seconds. */
const SHORTEST_INTERVAL = 0.2;

type Device = Readonly<{ code: string; page: string; userCode: string; interval: number; lasts: number }>;

const numberOf = (value: unknown, otherwise: number): number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : otherwise;

async function askDevice({ found, source, signal }: FlowOptions): Promise<Device> {
  if (found.deviceEndpoint === "") throw signInFailed("the server knows no sign-in by another device");
  const form = commonForm(found);
  const answer = await postForm({ ...source, endpoint: found.deviceEndpoint, form, signal });
  const device = {
    code: textOf(answer, "device_code"),
    page: textOf(answer, "verification_uri_complete") || textOf(answer, "verification_uri"),
    userCode: textOf(answer, "user_code"),
    interval: numberOf(answer.interval, 5),
    lasts: numberOf(answer.expires_in, 600),
  };
  const isPage = URL.canParse(device.page) && /^https?:$/.test(new URL(device.page).protocol);
  if (device.code !== "" && isPage) return device;
  throw signInFailed(
    `the server gives no code for another device: ${textOf(answer, "error") || "no reason"}`,
  );
}

/** Somebody signs in on another device while the token is asked for again and again: RFC 8628. */
export async function signInByDevice(options: FlowOptions): Promise<Token> {
  const { found, source, prompts, signal } = options;
  const { code, page, userCode, lasts, ...device } = await askDevice(options);
  prompts.tell(`sign in at ${page} with the code ${userCode}`);
  const form = { ...commonForm(found), grant_type: GRANT, device_code: code };
  const end = performance.now() + lasts * 1000;
  let interval = Math.max(device.interval, SHORTEST_INTERVAL);
  while (performance.now() < end) {
    await sleep(Math.min(interval * 1000, end - performance.now()), undefined, { signal });
    const answer = await askToken({ ...source, form, signal });
    if ("token" in answer) return answer.token;
    if (answer.refusal === "expired_token") break;
    if (answer.refusal === "slow_down") interval += 5;
    else if (answer.refusal !== "authorization_pending")
      throw signInFailed(`the sign-in by another device was refused: ${answer.refusal}`);
  }
  throw signInFailed("nobody has signed in by another device in time");
}
