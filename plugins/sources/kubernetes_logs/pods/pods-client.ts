import type { Data } from "weir";
import { isObject } from "weir/fields";
import { HttpClient } from "weir/http";
import { ApiFailure, failureOf } from "./api-failure.ts";
import { type ApiServer, authorizationFrom, hintFor } from "./api-server.ts";
import { linesOf } from "./json-lines.ts";

/** The largest list, in bytes: a thousand pods have about 20 MB. */
const longestList = 64 * 1024 * 1024;

/** The largest pod, in bytes. By default, etcd stores objects of up to 1.5 MiB. */
const longestLine = 8 * 1024 * 1024;

/** Time limit of a list, in milliseconds. */
const listTimeout = 60_000;

/** How much of a refusal is read, in bytes. */
const longestRefusal = 64 * 1024;

export interface PodList {
  readonly pods: readonly unknown[];
  /** Where to watch from. */
  readonly version: string;
}

export type Change = "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";

/** What happened to a pod. A bookmark only tells the version. */
export interface PodChange {
  readonly type: Change;
  readonly pod: Data;
  /** Where to go on, if the connection ends after this change. */
  readonly version: string;
}

/**
 * Lists and watches the pods of a node, as the Kubernetes API does it:
 * https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes
 */
export class PodsClient {
  readonly #server: ApiServer;
  readonly #node: string;
  readonly #client: HttpClient;

  /** Reads the certificates. Throws a sentence if it cannot. */
  constructor(server: ApiServer, node: string) {
    this.#server = server;
    this.#node = node;
    try {
      this.#client = new HttpClient({ tls: server.tls, at: "metadata.", maxBody: longestList, timeout: listTimeout });
    } catch (error) {
      throw new ApiFailure("no_certificate", `${(error as Error).message}${hintFor(server.tls.ca)}`);
    }
  }

  /** The pods that there are, at `version` or later: at `"0"`, as the server has them in memory; without it, as etcd has them. */
  async list(version: string | undefined, signal: AbortSignal): Promise<PodList> {
    const query = version === undefined ? {} : { resourceVersion: version };
    const response = await this.#client.send(await this.#request(query), signal).catch(unanswered);
    const { status, body, isCut, headers } = response;
    if (status !== 200) throw failureOf(status, body.toString("utf8", 0, longestRefusal), headers);
    if (isCut) throw new ApiFailure("not_readable", `the list of pods is longer than ${longestList} bytes`);
    const { items, metadata } = objectIn(body.toString("utf8"));
    const version_ = versionIn(metadata);
    if (!Array.isArray(items) || version_ === undefined) throw unusable("a list of pods");
    return { pods: items, version: version_ };
  }

  /** What happens after `version`. Ends when the server ends it, which it does after about `seconds`. */
  async *watch(version: string, seconds: number, stop: AbortSignal): AsyncGenerator<PodChange> {
    const query = {
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: version,
      timeoutSeconds: String(seconds),
    };
    // Of a connection that is dead without a word, nothing else would be noticed.
    const signal = AbortSignal.any([stop, AbortSignal.timeout((seconds + 30) * 1000)]);
    const { status, headers, body } = await this.#client.open(await this.#request(query), signal).catch(unanswered);
    if (status !== 200) throw failureOf(status, await beginningOf(body), headers);
    const tooLong = () => new ApiFailure("not_readable", `a pod is longer than ${longestLine} bytes`);
    try {
      for await (const line of linesOf(body, longestLine, tooLong)) yield changeIn(line);
    } catch (error) {
      if (error instanceof ApiFailure) throw error;
      return unanswered(error);
    }
  }

  async #request(query: Readonly<Record<string, string>>) {
    const { url, tokenFile } = this.#server;
    const headers = await authorizationFrom(tokenFile).catch((error: Error) => {
      throw new ApiFailure("no_token", error.message);
    });
    const search = new URLSearchParams({ fieldSelector: `spec.nodeName=${this.#node}`, ...query });
    return {
      method: "GET",
      url: `${url}/api/v1/pods?${search}`,
      headers: { accept: "application/json", ...headers },
    };
  }

  close(): void {
    this.#client.close();
  }
}

const unanswered = (error: unknown): never => {
  if (error instanceof ApiFailure) throw error;
  throw new ApiFailure("no_answer", (error as Error).message);
};

const unusable = (wanted: string): ApiFailure =>
  new ApiFailure("not_readable", `the API server did not answer with ${wanted}`);

const objectIn = (text: string): Data => {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // It is said below.
  }
  throw unusable("an object in JSON");
};

const versionIn = (metadata: unknown): string | undefined => {
  const version = isObject(metadata) ? metadata["resourceVersion"] : undefined;
  return typeof version === "string" && version !== "" ? version : undefined;
};

const changes: ReadonlySet<unknown> = new Set<Change>(["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]);

const changeIn = (line: string): PodChange => {
  const { type, object } = objectIn(line);
  if (!isObject(object)) throw unusable("changes of pods");
  if (type === "ERROR") {
    const { code } = object;
    // It becomes a label of a metric.
    const isStatus = typeof code === "number" && Number.isInteger(code) && code >= 400 && code < 600;
    throw failureOf(isStatus ? code : 500, JSON.stringify(object));
  }
  const version = versionIn(object["metadata"]);
  if (!changes.has(type) || version === undefined) throw unusable("changes of pods");
  return { type: type as Change, pod: object, version };
};

const beginningOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  let text = "";
  for await (const part of body) {
    text += part.toString("utf8");
    if (text.length >= longestRefusal) break;
  }
  return text.slice(0, longestRefusal);
};
