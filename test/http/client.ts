import { type Agent, type IncomingHttpHeaders, type RequestOptions, request } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** The problem that the body tells of. */
  readonly problem: { readonly title: string; readonly status: number; readonly detail: string };
}

export interface PostOptions extends RequestOptions {
  readonly type?: string;
  readonly encoding?: string;
  readonly agent?: Agent;
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/** Sends a body, whole or in chunks as they are given; resolves with whatever is answered. */
export const post = (
  url: string,
  body: string | Buffer | readonly Buffer[],
  { type = "application/json", encoding, headers, ...options }: PostOptions = {},
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const all = {
      ...(type !== "" && { "Content-Type": type }),
      ...(encoding !== undefined && { "Content-Encoding": encoding }),
      ...(headers as Record<string, string>),
    };
    const send = url.startsWith("https:") ? secureRequest : request;
    const sent = send(url, { method: "POST", headers: all, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(parts).toString();
        const isProblem = response.headers["content-type"] === "application/problem+json";
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: text,
          problem: isProblem ? JSON.parse(text) : undefined,
        });
      });
    });
    sent.on("error", reject);
    if (!Array.isArray(body)) return void sent.end(body);
    for (const chunk of body) sent.write(chunk);
    sent.end();
  });

/** Sends bytes as they are and resolves with everything that comes back until the server ends the connection. */
export const sendRaw = (url: string, bytes: string | Buffer): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes));
    let text = "";
    socket.on("data", (data) => {
      text += data.toString("latin1");
    });
    socket.on("error", () => undefined);
    socket.on("close", () => resolve(text));
  });
