import { retryAfter as retryAfterIn } from "../http/retry-after.ts";
import { isObject } from "../json.ts";
import { http } from "../node-http.ts";
import type { Failure } from "../plugin.ts";
import type { HttpResponse } from "./client.ts";

/** What a response means for the events of its request. */
export type Verdict =
  | { readonly kind: "delivered"; readonly failed: readonly Failure[] }
  /** The receiver will never accept this request, because of one of its events or its size. */
  | { readonly kind: "refused"; readonly message: string }
  /** `isBusy`: no more requests should be sent for now; `retryAfter` in milliseconds. */
  | {
      readonly kind: "again";
      readonly message: string;
      readonly isBusy: boolean;
      readonly retryAfter: number | undefined;
    };

export interface JudgeOptions {
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  /** Events in the request. */
  readonly events: number;
  /** More statuses that mean the receiver will never accept the events. */
  readonly final: readonly number[];
  readonly now: number;
}

/** These are about the setup (a token, a path, a proxy) or the moment, not about the events: weir keeps trying. */
const notOfTheEvents = new Set([401, 402, 403, 404, 405, 407, 408, 409, 410, 421, 423, 424, 425, 426, 429, 451]);

/** Interprets a response; docs/delivery.md has the table. */
export const judge = (response: HttpResponse, options: JudgeOptions): Verdict => {
  const { status } = response;
  if (status >= 200 && status < 300) return partial(response, options);
  if (isMeantForTls(response, options)) {
    const message = `${options.origin} speaks TLS; did you mean https://?`;
    return { kind: "again", message, isBusy: true, retryAfter: undefined };
  }
  const message = wordsOf(response, options.origin);
  const isFinal = options.final.includes(status) || (status >= 400 && status < 500 && !notOfTheEvents.has(status));
  if (isFinal) return { kind: "refused", message };
  const retryAfter = retryAfterIn(response.headers, options.now);
  return { kind: "again", message, isBusy: status === 429 || status === 503 || retryAfter !== undefined, retryAfter };
};

/** TLS servers answer plain HTTP with a 400, which says nothing about the events. */
const isMeantForTls = ({ status, body }: HttpResponse, { origin }: JudgeOptions): boolean =>
  status === 400 &&
  origin.startsWith("http://") &&
  /plain HTTP (request was sent )?to (an )?(HTTPS|SSL)|HTTP request to an HTTPS server/i.test(
    body.toString("utf8", 0, 1000),
  );

const wordsOf = ({ status, headers, body }: HttpResponse, origin: string): string => {
  const said = body
    .toString("utf8", 0, 1000)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, 200);
  const answer = `${origin} answered ${status} ${http.STATUS_CODES[status] ?? ""}`.trimEnd();
  if (status >= 300 && status < 400 && headers.location !== undefined)
    return `${answer}: weir does not follow redirects; set "url" to the target`;
  return said === "" ? answer : `${answer}: ${said}`;
};

/** `{"failed": [{"index": 0, "reason": "…", "final": true}]}` in a 2xx response: these events were not accepted. */
const partial = ({ headers, body, isCut }: HttpResponse, { events, origin }: JudgeOptions): Verdict => {
  const isJson = /^application\/(?:[\w.-]+\+)?json\b/i.test(headers["content-type"] ?? "");
  const failed = isJson && !isCut ? failedOf(body) : undefined;
  if (failed === undefined) return { kind: "delivered", failed: [] };
  const failures = failed.map(failureOf);
  if (failures.every((failure) => failure !== undefined && failure.index < events))
    return { kind: "delivered", failed: [...new Map(failures.map((failure) => [failure!.index, failure!])).values()] };
  const message = `${origin} reported failed events, but not as a list such as [{"index": 0, "reason": "…", "final": false}]`;
  return { kind: "again", message, isBusy: false, retryAfter: undefined };
};

const failedOf = (body: Buffer): readonly unknown[] | undefined => {
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    return isObject(answer) && Array.isArray(answer["failed"]) ? answer["failed"] : undefined;
  } catch {
    return undefined;
  }
};

const failureOf = (item: unknown): Failure | undefined => {
  if (!isObject(item) || !Number.isSafeInteger(item["index"]) || Number(item["index"]) < 0) return undefined;
  const message = String(item["reason"] ?? "the receiver gave no reason").slice(0, 500);
  return { index: Number(item["index"]), message, final: item["final"] === true };
};
