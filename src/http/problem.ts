import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import { http } from "../node-http.ts";
import type { Answer } from "./protocol.ts";

/** A refused request, with the status and the message for its client. */
export class Refusal extends Error {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;

  constructor(status: number, message: string, headers: OutgoingHttpHeaders = {}) {
    super(message);
    this.name = "Refusal";
    this.status = status;
    this.headers = headers;
  }
}

/** There is no room at the moment; the client should try again in a second. */
export const full = (message: string): Refusal => new Refusal(429, message, { "Retry-After": "1" });

/** This process accepts nothing more; the next one will. */
export const stopping = (): Refusal =>
  new Refusal(503, "weir is stopping and accepted nothing of this request; send it again.", {
    "Retry-After": "1",
    Connection: "close",
  });

/** The body of an error response: RFC 9457. */
export const problemOf = ({ status, message }: Refusal): Answer => ({
  type: "application/problem+json",
  body: Buffer.from(`${JSON.stringify({ title: http.STATUS_CODES[status], status, detail: message })}\n`),
});

/** Sends an error response, with the body of a protocol if it has one. */
export const answerProblem = (response: ServerResponse, refusal: Refusal, answer?: Answer): void => {
  const { type, body } = answer ?? problemOf(refusal);
  response.writeHead(refusal.status, {
    ...refusal.headers,
    "Content-Type": type,
    "Content-Length": body.length,
  });
  response.end(body);
};

/** The same as raw text, where there is no response object: for an upgrade, or a request that is not HTTP. */
export const rawProblem = (refusal: Refusal): string => {
  const { type, body } = problemOf(refusal);
  const headers = Object.entries({ ...refusal.headers, Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const lines = [
    `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}`,
    ...headers,
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
};
