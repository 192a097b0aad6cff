import { createHmac, hash } from "node:crypto";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** A request to sign. Header names are in lower case. */
export interface SignedRequest {
  readonly method: string;
  /** Its path is encoded as `encoded` does it, and it has no query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * The headers of a request to S3 with its signature, version 4: see "Authenticating Requests" in the API reference of S3. `now` in
 * milliseconds since 1970.
 */
export const signed = (
  { method, url, headers, body }: SignedRequest,
  region: string,
  { accessKeyId, secretAccessKey, sessionToken }: Credentials,
  now: number,
): Readonly<Record<string, string>> => {
  const { host, pathname } = new URL(url);
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const digest = hash("sha256", body, "hex");
  const all: Readonly<Record<string, string>> = {
    ...headers,
    "x-amz-content-sha256": digest,
    "x-amz-date": time,
    ...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
  };
  const named = Object.entries({ ...all, host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = named.map(([name]) => name).join(";");
  const lines = named.map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}\n`).join("");
  const canonical = [method, pathname, "", lines, names, digest].join("\n");
  const scope = `${time.slice(0, 8)}/${region}/s3/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash("sha256", canonical, "hex")].join("\n");
  const key = scope.split("/").reduce<string | Buffer>(keyed, `AWS4${secretAccessKey}`);
  const signature = keyed(key, toSign).toString("hex");
  return {
    ...all,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
  };
};

const keyed = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** A path as S3 signs it: everything but letters, digits, `-`, `_`, `.`, `~` and the slash is percent-encoded. */
export const encoded = (path: string): string =>
  encodeURIComponent(path)
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/");
