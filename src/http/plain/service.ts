import type { Accepted, RequestIntake } from "../intake.ts";
import type { Refusal } from "../problem.ts";
import type { Answer } from "../protocol.ts";
import type { RequestHead } from "../request-head.ts";

/** Handles plain requests, in the same way as all others. */
export interface PlainService {
  /** Once it has aborted, connections are closed after their answers. */
  readonly signal: AbortSignal;
  readonly intake: Pick<RequestIntake, "receive" | "finish" | "takeAtOnce">;
  /** Whether a request may send its body. Throws a `Refusal`. */
  readonly accept: (head: RequestHead) => Accepted;
  /** The answer to a request that ends with an error. */
  readonly refused: (
    error: unknown,
    head: RequestHead,
    since: number,
  ) => { refusal: Refusal; answer?: Answer | undefined };
  /** Called with the status of each answer. */
  readonly answered: (head: RequestHead, status: number, since: number) => void;
}
