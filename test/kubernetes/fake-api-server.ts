import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A pod as the API shows it. */
export interface FakePod {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName: string };
}

/** What goes wrong with one response. */
export type Fault =
  | "403"
  | "500"
  | "429"
  | "no answer"
  | "cut list"
  | "half line"
  | "closed"
  | "no JSON"
  | "expired"
  | "gone"
  | "error event"
  | "odd code";

interface Watch {
  readonly response: ServerResponse;
  readonly node: string;
}

/**
 * The list and the watch of pods as Kubernetes documents them (https://kubernetes.io/docs/reference/using-api/api-concepts/), and their
 * failures: 410 as a status and as an event, connections that end within a line, bookmarks, tokens.
 */
export class FakeApiServer {
  readonly #server: Server;
  readonly #pods = new Map<string, FakePod>();
  readonly #history: { readonly version: number; readonly type: string; readonly pod: FakePod }[] = [];
  readonly #watches = new Set<Watch>();
  #version = 100;
  /** What was before this version is forgotten. */
  #oldest = 100;
  /** For the next requests, in this order. */
  readonly faults: Fault[] = [];
  /** What goes wrong with each watch while it is set. */
  watchFault: Fault | undefined;
  readonly requests: URL[] = [];
  /** The token that is accepted; any, if it is not set. */
  token: string | undefined;
  /** While it is set, requests wait. */
  hold: Promise<void> | undefined;

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  static async start(): Promise<FakeApiServer> {
    const fake = new FakeApiServer();
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      fake.#server.closeAllConnections();
      fake.#server.close();
    });
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get watches(): number {
    return this.#watches.size;
  }

  put(pod: FakePod): void {
    this.#happen(this.#pods.has(pod.metadata.uid) ? "MODIFIED" : "ADDED", pod);
    this.#pods.set(pod.metadata.uid, pod);
  }

  delete(uid: string): void {
    this.#happen("DELETED", this.#pods.get(uid)!);
    this.#pods.delete(uid);
  }

  /** Forgets what was until now: who wants to go on from there must list again. */
  compact(): void {
    this.#version++;
    this.#oldest = this.#version;
  }

  bookmark(): void {
    this.#version++;
    const object = { kind: "Pod", metadata: { resourceVersion: String(this.#version) } };
    for (const { response } of this.#watches) response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
  }

  /** Ends all watches: as the server does after a time, or in the middle of a line. */
  endWatches(how: "ended" | "half line" | "no JSON" | "expired"): void {
    for (const { response } of this.#watches) {
      if (how === "no JSON") response.write("<html>\n");
      if (how === "expired") response.write(expired);
      if (how === "half line") response.write('{"type":"ADDED","object":{"meta', () => response.destroy());
      else response.end();
    }
    this.#watches.clear();
  }

  #happen(type: string, pod: FakePod): void {
    this.#version++;
    const event = { version: this.#version, type, pod };
    this.#history.push(event);
    for (const { response, node } of this.#watches) if (pod.spec.nodeName === node) response.write(lineOf(event));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, "http://api");
    this.requests.push(url);
    await this.hold;
    if (this.token !== undefined && request.headers.authorization !== `Bearer ${this.token}`)
      return refuse(response, 401, "Unauthorized");
    const isWatch = url.searchParams.has("watch");
    const fault = isWatch && this.watchFault !== undefined ? this.watchFault : this.faults.shift();
    if (fault === "403") return refuse(response, 403, "pods is forbidden");
    if (fault === "500") return refuse(response, 500, "etcdserver: leader changed");
    if (fault === "429") return refuse(response, 429, "too many requests", { "Retry-After": "0" });
    if (fault === "no answer") return void response.destroy();
    if (fault === "gone") return refuse(response, 410, "too old resource version");
    const query = url.searchParams;
    const node = /^spec\.nodeName=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1];
    if (url.pathname !== "/api/v1/pods" || node === undefined) return refuse(response, 404, "not found");
    response.setHeader("Content-Type", "application/json");
    if (query.get("watch") === null) this.#list(response, node, fault);
    else this.#watch(response, node, Number(query.get("resourceVersion")), fault);
  }

  #list(response: ServerResponse, node: string, fault: Fault | undefined): void {
    const items = [...this.#pods.values()].filter(({ spec }) => spec.nodeName === node);
    const metadata = { resourceVersion: String(this.#version) };
    const text = JSON.stringify({ kind: "PodList", apiVersion: "v1", metadata, items });
    if (fault === "cut list") response.write(text.slice(0, 20), () => response.destroy());
    else response.end(fault === "no JSON" ? "<html>" : text);
  }

  #watch(response: ServerResponse, node: string, from: number, fault: Fault | undefined): void {
    response.flushHeaders();
    if (fault === "closed") return void response.end();
    if (fault === "no JSON") return void response.end("<html>\n");
    if (fault === "error event") return void response.end(errorEvent(500, "InternalError"));
    if (fault === "odd code") return void response.end(errorEvent(1234567, "InternalError"));
    if (from < this.#oldest || fault === "expired") return void response.end(expired);
    for (const event of this.#history)
      if (event.version > from && event.pod.spec.nodeName === node) response.write(lineOf(event));
    if (fault === "half line") return void response.write('{"type":"ADD', () => response.destroy());
    const watch = { response, node };
    this.#watches.add(watch);
    response.on("close", () => this.#watches.delete(watch));
  }
}

const refuse = (response: ServerResponse, code: number, message: string, headers = {}): void => {
  response.writeHead(code, headers).end(JSON.stringify({ kind: "Status", status: "Failure", message, code }));
};

const errorEvent = (code: number, reason: string): string =>
  `${JSON.stringify({ type: "ERROR", object: { kind: "Status", code, reason, message: "too old resource version: 1 (2)" } })}\n`;
const expired = errorEvent(410, "Expired");

const lineOf = ({ type, pod, version }: { readonly type: string; readonly pod: FakePod; readonly version: number }) =>
  `${JSON.stringify({ type, object: { ...pod, metadata: { ...pod.metadata, resourceVersion: String(version) } } })}\n`;
