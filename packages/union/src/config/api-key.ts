import { ImageSpecError } from "@imagespec/core";

export type ApiKey = Readonly<{ endpoint: string; clientId: string; clientSecret: string; org: string }>;

/**
 * An API key is base64 of `endpoint:client_id:client_secret:org`. Endpoints hold colons, so it is read from the right.
 *
 * @throws ImageSpecError `UNION_API_KEY_INVALID`, which shows nothing of the key
 */
export function parseApiKey(text: string, variable: string): ApiKey {
  const parts = Buffer.from(text.trim(), "base64").toString("utf8").split(":");
  const [org = "", clientSecret = "", clientId = ""] = parts.reverse();
  const endpoint = parts.slice(3).reverse().join(":");
  if (endpoint === "" || clientId === "" || clientSecret === "") {
    throw new ImageSpecError("UNION_API_KEY_INVALID", `${variable} does not hold an API key`, {
      hint: "make one with: union create api-key admin --name NAME",
    });
  }
  return { endpoint, clientId, clientSecret, org: org === "None" ? "" : org };
}
