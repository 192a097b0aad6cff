import type { OutgoingHttpHeaders } from "node:http";
import { http } from "../../node-http.ts";
import { problemOf, type Refusal } from "../problem.ts";
import type { Answer } from "../protocol.ts";

/** How the answers on a connection end. */
export interface Ending {
  /** Whether the connection is closed after it. */
  readonly isLast: boolean;
  /** How long the connection stays open when it is idle, in milliseconds. */
  readonly idleTime: number;
}

/** Answers as text in latin1, one character a byte, as Node's server would write them. */
export const acceptedText = (answer: Answer | undefined, ending: Ending): string => {
  if (!answer) return `HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${endOf(ending)}`;
  const { type, body } = answer;
  const head = `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${endOf(ending)}`;
  return head + body.toString("latin1");
};

export const refusedText = (refusal: Refusal, answer: Answer | undefined, ending: Ending): string => {
  const { type, body } = answer ?? problemOf(refusal);
  const { Connection: _, ...headers } = refusal.headers;
  const lines = [
    `HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}`,
    ...headerLines(headers),
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
    endOf(ending),
  ];
  return lines.join("\r\n") + body.toString("latin1");
};

const headerLines = (headers: OutgoingHttpHeaders): readonly string[] =>
  Object.entries(headers).flatMap(([name, values]) => [values ?? []].flat().map((value) => `${name}: ${value}`));

/** The headers of every answer, and the end of its head. Nearly all answers within a second share them. */
const endOf = ({ isLast, idleTime }: Ending): string => {
  const second = Math.floor(Date.now() / 1000);
  if (second !== latest.second || idleTime !== latest.idleTime) {
    const date = `Date: ${new Date(second * 1000).toUTCString()}\r\n`;
    const timeout = `Keep-Alive: timeout=${Math.floor(idleTime / 1000)}`;
    latest = {
      second,
      idleTime,
      open: `${date}Connection: keep-alive\r\n${timeout}\r\n\r\n`,
      last: `${date}Connection: close\r\n\r\n`,
    };
  }
  return isLast ? latest.last : latest.open;
};

let latest = { second: 0, idleTime: 0, open: "", last: "" };
