import type { IncomingMessage } from "node:http";
import { addAbortSignal } from "node:stream";
import { http } from "../node-http.ts";

/** How much of a response is read, in bytes and milliseconds, and how much of it is shown, in characters. */
const mostRead = 1_000;
const longestRead = 1_000;
const mostSaid = 200;

/** Describes the response of a server that refused a WebSocket, with the start of its body. It never rejects. */
export const answerWords = async (response: IncomingMessage, target: string): Promise<string> => {
  const { statusCode = 0 } = response;
  const answer = `${target} answered ${statusCode} ${http.STATUS_CODES[statusCode] ?? ""}`.trimEnd();
  const said = (await beginningOf(response))
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, mostSaid);
  return said === "" ? answer : `${answer}: ${said}`;
};

const beginningOf = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of addAbortSignal(AbortSignal.timeout(longestRead), response)) {
      parts.push(part);
      length += part.length;
      if (length >= mostRead) break;
    }
  } catch {
    // What arrived before the error may say enough.
  }
  return Buffer.concat(parts).toString("utf8", 0, mostRead);
};
