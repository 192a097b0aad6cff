import { isObject } from "weir/fields";
import { type HttpResponse, type JudgeOptions, judge, type Verdict } from "weir/http";

/** These are about the setup or are temporary; they are not about the event. */
const again = new Set([401, 403, 404, 408, 429]);

/** What a response of the bulk API means for each event. */
export const judgeBulk = (response: HttpResponse, options: JudgeOptions): Verdict => {
  const { status } = response;
  if (status < 200 || status >= 300) return judge(response, options);
  const items = itemsOf(response);
  if (items?.length !== options.events)
    return {
      kind: "again",
      message: `${options.origin} answered ${status}, but not with a response of the bulk API; is "url" the URL of Elasticsearch?`,
      isBusy: true,
      retryAfter: undefined,
    };
  const failed = items.flatMap((item, index) => {
    const { status, error } = outcomeOf(item);
    if ((status >= 200 && status < 300) || status === 409) return [];
    const final = status >= 400 && status < 500 && !again.has(status);
    return [{ index, message: `${options.origin} refused the event (${status}): ${wordsOf(error)}`, final }];
  });
  return { kind: "delivered", failed };
};

const itemsOf = ({ body, isCut }: HttpResponse): readonly unknown[] | undefined => {
  if (isCut) return undefined;
  try {
    const answer: unknown = JSON.parse(body.toString("utf8"));
    return isObject(answer) && Array.isArray(answer["items"]) ? answer["items"] : undefined;
  } catch {
    return undefined;
  }
};

/** An item is `{ create: { status, error } }`. One that cannot be understood is tried again. */
const outcomeOf = (item: unknown): { readonly status: number; readonly error: unknown } => {
  const inner = isObject(item) ? Object.values(item)[0] : undefined;
  return isObject(inner) && typeof inner["status"] === "number"
    ? { status: inner["status"], error: inner["error"] }
    : { status: 0, error: undefined };
};

const wordsOf = (error: unknown): string => {
  if (!isObject(error)) return "it gave no reason";
  const cause = isObject(error["caused_by"]) ? error["caused_by"]["reason"] : undefined;
  const words = [error["type"], error["reason"], cause].filter((part) => typeof part === "string");
  return (
    words
      .join(": ")
      .replace(/[\p{C}\s]+/gu, " ")
      .slice(0, 500) || "it gave no reason"
  );
};
