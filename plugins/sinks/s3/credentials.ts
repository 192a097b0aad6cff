import { readFile } from "node:fs/promises";
import { isObject } from "weir/fields";
import { HttpClient } from "weir/http";
import type { Credentials } from "./sign.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface CredentialOptions {
  readonly region: string;
  /** From the pipeline; they come before everything else. */
  readonly own?: Credentials | undefined;
  readonly environment: Environment;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Credentials that end; `until` in milliseconds since 1970. */
interface Lease extends Credentials {
  readonly until: number;
}

/** Credentials are fetched again this long before they end, in milliseconds. */
const early = 5 * 60_000;

/**
 * The credentials to sign with: those of the pipeline, or where the tools of AWS look for them: environment variables, the token of a web
 * identity (a service account of EKS), the credentials of a container (ECS, EKS Pod Identity), the role of an EC2 instance.
 */
export class CredentialSource {
  readonly #options: CredentialOptions;
  readonly #client = new HttpClient({ timeout: 5_000 });
  #lease: Lease | undefined;

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  /** Rejects with a sentence if there are none. */
  async get(signal: AbortSignal): Promise<Credentials> {
    const { own, environment: env, now } = this.#options;
    if (own) return own;
    const [accessKeyId, secretAccessKey] = [env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]];
    if (accessKeyId && secretAccessKey)
      return { accessKeyId, secretAccessKey, sessionToken: env["AWS_SESSION_TOKEN"] || undefined };
    if (!this.#lease || this.#lease.until - early <= now()) this.#lease = await this.#fetch(signal);
    return this.#lease;
  }

  /** They were refused: the next time, those that end are fetched again. */
  forget(): void {
    this.#lease = undefined;
  }

  close(): void {
    this.#client.close();
  }

  #fetch(signal: AbortSignal): Promise<Lease> {
    const { environment: env } = this.#options;
    if (env["AWS_WEB_IDENTITY_TOKEN_FILE"] && env["AWS_ROLE_ARN"]) return this.#ofWebIdentity(signal);
    if (env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] || env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"])
      return this.#ofContainer(signal);
    return this.#ofInstance(signal);
  }

  /** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html */
  async #ofWebIdentity(signal: AbortSignal): Promise<Lease> {
    const { environment: env, region } = this.#options;
    const url = env["AWS_ENDPOINT_URL_STS"] || `https://sts.${region}.${domainOf(region)}`;
    const form = new URLSearchParams({
      Action: "AssumeRoleWithWebIdentity",
      Version: "2011-06-15",
      RoleArn: env["AWS_ROLE_ARN"]!,
      RoleSessionName: env["AWS_ROLE_SESSION_NAME"] || "weir",
      WebIdentityToken: (await readFile(env["AWS_WEB_IDENTITY_TOKEN_FILE"]!, "utf8")).trim(),
    });
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await this.#ask({ method: "POST", url, headers, body: Buffer.from(String(form)) }, signal);
    const part = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer)?.[1];
    const [id, secret, token] = [part("AccessKeyId"), part("SecretAccessKey"), part("SessionToken")];
    return leaseOf(url, { AccessKeyId: id, SecretAccessKey: secret, Token: token, Expiration: part("Expiration") });
  }

  /** https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
  async #ofContainer(signal: AbortSignal): Promise<Lease> {
    const { environment: env } = this.#options;
    const url =
      env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ||
      `http://169.254.170.2${env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
    const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
    const token = file ? (await readFile(file, "utf8")).trim() : env["AWS_CONTAINER_AUTHORIZATION_TOKEN"];
    return this.#lend({ url, headers: token ? { authorization: token } : {} }, signal);
  }

  /** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html, version 2. */
  async #ofInstance(signal: AbortSignal): Promise<Lease> {
    const { environment: env } = this.#options;
    if (env["AWS_EC2_METADATA_DISABLED"]?.toLowerCase() === "true") throw new Error(noCredentials);
    const base = `${(env["AWS_EC2_METADATA_SERVICE_ENDPOINT"] || "http://169.254.169.254").replace(/\/$/, "")}/latest`;
    const lifetime = { "x-aws-ec2-metadata-token-ttl-seconds": "600" };
    try {
      const token = await this.#ask({ method: "PUT", url: `${base}/api/token`, headers: lifetime }, signal);
      const headers = { "x-aws-ec2-metadata-token": token };
      const roles = `${base}/meta-data/iam/security-credentials/`;
      const role = (await this.#ask({ method: "GET", url: roles, headers }, signal)).trim().split("\n", 1)[0]!;
      return await this.#lend({ url: roles + encodeURIComponent(role), headers }, signal);
    } catch (error) {
      throw new Error(`${noCredentials} (${(error as Error).message})`);
    }
  }

  async #lend(
    request: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
    signal: AbortSignal,
  ) {
    return leaseOf(request.url, parsed(await this.#ask({ method: "GET", ...request }, signal)));
  }

  async #ask(request: Parameters<HttpClient["send"]>[0], signal: AbortSignal): Promise<string> {
    const { status, body } = await this.#client.send(request, signal);
    const text = body.toString("utf8");
    if (status === 200) return text;
    const said = text
      .replace(/<[^>]*>/g, " ")
      .replace(/[\p{C}\s]+/gu, " ")
      .trim()
      .slice(0, 200);
    throw new Error(`${new URL(request.url).origin} answered ${status} when it was asked for credentials: ${said}`);
  }
}

const noCredentials =
  'there are no credentials: set "auth", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine or pod a role';

/** The domain of the services of a region. */
export const domainOf = (region: string): string => (region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com");

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** What AWS lends, as ECS and EC2 say it. */
const leaseOf = (url: string, answer: unknown): Lease => {
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = isObject(answer) ? answer : {};
  const until = Date.parse(String(Expiration));
  if (typeof AccessKeyId !== "string" || typeof SecretAccessKey !== "string" || Number.isNaN(until))
    throw new Error(`${new URL(url).origin} did not answer with credentials`);
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: String(Token), until };
};
