import { type HttpResponse, type JudgeOptions, judge, type Verdict } from "weir/http";
import { encodingOf, partialSuccessIn, statusMessageIn } from "weir/otlp";

/**
 * What a response means according to the OTLP/HTTP specification. A response that rejects some records does not say which:
 * none of them is known to be delivered, and they must not be sent again, so all of them go to the dead letter. `warn` gets
 * what a receiver says although it has taken everything.
 */
export const judgeOtlp =
  (warn: (message: string) => void) =>
  (response: HttpResponse, options: JudgeOptions): Verdict => {
    const encoding = encodingOf(response.headers["content-type"]);
    if (response.status < 200 || response.status > 299) {
      const said = encoding && statusMessageIn(encoding, response.body);
      return judge(said === undefined ? response : { ...response, body: Buffer.from(said) }, options);
    }
    const { origin, events } = options;
    if (!encoding) return { kind: "delivered", failed: [] };
    try {
      const partial = partialSuccessIn(encoding, response.body);
      if (!partial) return { kind: "delivered", failed: [] };
      const { rejected, message } = partial;
      const said = message === "" ? "without a reason" : `with "${message.slice(0, 500)}"`;
      if (rejected > 0n)
        return { kind: "delivered", failed: failures(events, rejectedWords(origin, rejected, events, said)) };
      warn(`${origin} accepted all records, ${said}`);
      return { kind: "delivered", failed: [] };
    } catch (error) {
      const message = `${origin} answered ${response.status} with a body that is not an ExportLogsServiceResponse: ${(error as Error).message}`;
      return { kind: "again", message, isBusy: false, retryAfter: undefined };
    }
  };

const failures = (events: number, message: string) =>
  Array.from({ length: events }, (_, index) => ({ index, message, final: true }));

const rejectedWords = (origin: string, rejected: bigint, events: number, said: string): string => {
  if (rejected >= BigInt(events)) return `${origin} rejected the record ${said}`;
  return `${origin} rejected ${rejected} of the ${events} records in the request of this event ${said}; OTLP does not report which ones`;
};
