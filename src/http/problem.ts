import { type OutgoingHttpHeaders, type ServerResponse, STATUS_CODES } from "node:http";

/** A request that is not taken, with the status and the sentence that its client gets. */
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

/** No room now; a client that waits a second has a good chance. */
export const full = (message: string): Refusal => new Refusal(429, message, { "Retry-After": "1" });

/** This process takes nothing more; the next one will. */
export const stopping = (): Refusal =>
  new Refusal(503, "weir is stopping: nothing of this request was taken; send it again.", {
    "Retry-After": "1",
    Connection: "close",
  });

/** The body of an answer that says what is wrong: RFC 9457, `application/problem+json`. */
const problemBody = ({ status, message }: Refusal): string =>
  `${JSON.stringify({ title: STATUS_CODES[status], status, detail: message })}\n`;

/** Answers with a problem. */
export const answerProblem = (response: ServerResponse, refusal: Refusal): void => {
  const body = problemBody(refusal);
  response.writeHead(refusal.status, {
    ...refusal.headers,
    "Content-Type": "application/problem+json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(body);
};

/** The same as bytes, for where there is no response to write to: a request that is no HTTP, an upgrade. */
export const rawProblem = (refusal: Refusal): string => {
  const body = problemBody(refusal);
  const headers = Object.entries({ ...refusal.headers, Connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const lines = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    ...headers,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
};
