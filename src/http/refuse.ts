import type { IncomingMessage, ServerResponse } from "node:http";
import { answerProblem, Refusal } from "./problem.ts";
import type { Answer } from "./protocol.ts";

/** How much of a refused body is read, in bytes; a client that sends more is disconnected. */
const mostRead = 64 * 1024 * 1024;

/**
 * Sends an error response, with this body if there is one, and discards the rest of the body: a client that is disconnected while it sends may never see the
 * response.
 */
export const refuse = (
  request: IncomingMessage,
  response: ServerResponse,
  refusal: Refusal,
  answer?: Answer | undefined,
): void => {
  if (waitsForContinue(request)) {
    // The client may or may not send its body now, so the next bytes on this connection are ambiguous.
    const { status, message, headers } = refusal;
    answerProblem(response, new Refusal(status, message, { ...headers, Connection: "close" }), answer);
    return;
  }
  answerProblem(response, refusal, answer);
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
