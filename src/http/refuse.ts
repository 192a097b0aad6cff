import type { IncomingMessage, ServerResponse } from "node:http";
import { answerProblem, Refusal } from "./problem.ts";

/** What is read of a body that is refused, in bytes; a client that sends more is cut off. */
const mostRead = 64 * 1024 * 1024;

/**
 * Answers with a problem, and throws away what still comes of the body: a client that is cut off while it sends may
 * never see the answer.
 */
export const refuse = (request: IncomingMessage, response: ServerResponse, refusal: Refusal): void => {
  if (waitsForContinue(request)) {
    // It may send its body now or not: what comes next on this connection cannot be told.
    const { status, message, headers } = refusal;
    answerProblem(response, new Refusal(status, message, { ...headers, Connection: "close" }));
    return;
  }
  answerProblem(response, refusal);
  let left = mostRead;
  request.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) request.destroy();
  });
  request.on("error", () => undefined);
  request.resume();
};

const waitsForContinue = ({ headers, readableDidRead }: IncomingMessage): boolean =>
  headers.expect !== undefined && !readableDidRead;
