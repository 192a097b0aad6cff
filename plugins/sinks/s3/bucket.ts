import { hash } from "node:crypto";
import { type Clock, DeliveryError } from "weir";
import { type HttpClient, type HttpResponse, judge } from "weir/http";
import { type CredentialSource, domainOf } from "./credentials.ts";
import { encoded, signed } from "./sign.ts";

export interface BucketOptions {
  readonly bucket: string;
  readonly region: string;
  /** Of a compatible server; AWS without it. */
  readonly endpoint?: string | undefined;
  /** Whether the name of the bucket is in the path, and not in the host. */
  readonly inPath: boolean;
  readonly client: HttpClient;
  readonly credentials: CredentialSource;
  readonly clock: Clock;
}

/** A bucket of S3 or of a compatible server. */
export class Bucket {
  readonly #options: BucketOptions;
  readonly #url: string;
  readonly #origin: string;

  constructor(options: BucketOptions) {
    const { bucket, region, endpoint, inPath } = options;
    this.#options = options;
    const url = new URL(endpoint ?? `https://s3.${region}.${domainOf(region)}`);
    const path = url.pathname.replace(/\/*$/, "");
    this.#origin = inPath ? url.origin : `${url.protocol}//${bucket}.${url.host}`;
    this.#url = inPath ? `${this.#origin}${path}/${bucket}` : `${this.#origin}${path}`;
  }

  /** Writes an object, in place of one of the same key. Rejects with a `DeliveryError` that is not final. */
  async put(key: string, body: Buffer, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<void> {
    // Buckets with object lock ask for it.
    const checked = { ...headers, "content-md5": hash("md5", body, "base64") };
    const response = await this.#send("PUT", `/${encoded(key)}`, checked, body, signal);
    if (response.status === 200) return;
    // Of what a server can say to an object that weir names and measures itself, nothing is about the events in it.
    const readable = { ...response, body: Buffer.from(codeIn(response)), headers: withoutLocation(response.headers) };
    const verdict = judge(readable, { origin: this.#origin, events: 1, final: [], now: this.#options.clock.now() });
    if (response.status === 403 || response.status === 400) this.#options.credentials.forget();
    const { message = `${this.#origin} answered ${response.status}` } = verdict as { readonly message?: string };
    const retryAfter = verdict.kind === "again" ? verdict.retryAfter : undefined;
    throw new DeliveryError(`${message}${this.#regionWords(response)}`, { retryAfter });
  }

  /** Whether there is such a bucket; rejects with what is wrong. A user that may only write cannot know. */
  async check(signal: AbortSignal): Promise<void> {
    const response = await this.#send("HEAD", "/", {}, Buffer.alloc(0), signal);
    const { bucket } = this.#options;
    if (response.status === 404) throw new Error(`${this.#origin} has no bucket "${bucket}"`);
    if (response.status === 301 || response.status === 400)
      throw new Error(
        `${this.#origin} answered ${response.status} for the bucket "${bucket}"${this.#regionWords(response)}`,
      );
  }

  close(): void {
    this.#options.client.close();
    this.#options.credentials.close();
  }

  async #send(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    signal: AbortSignal,
  ) {
    const { region, credentials, clock, client } = this.#options;
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const request = { method, url: `${this.#url}${path}`, headers: lower, body };
    const own = signed(request, region, await credentials.get(signal), clock.now());
    return client.send({ ...request, headers: own }, signal);
  }

  #regionWords({ headers }: HttpResponse): string {
    const region = headers["x-amz-bucket-region"];
    return region === undefined || region === this.#options.region
      ? ""
      : `; the bucket is in the region "${region}", but "region" is "${this.#options.region}"`;
  }
}

/** Credentials go to no other address. */
const withoutLocation = ({ location: _, ...headers }: HttpResponse["headers"]): HttpResponse["headers"] => headers;

/** What an answer in XML says: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const codeIn = ({ body }: HttpResponse): string => {
  const text = body.toString("utf8", 0, 10_000);
  const part = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  const code = part("Code");
  return code === undefined ? text : `${code}: ${part("Message") ?? ""}`;
};
