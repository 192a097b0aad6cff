import { type HttpResponse, type JudgeOptions, judge, type Verdict } from "weir/http";

/** Loki names each entry that it refuses, and its stream. */
const longest = 1000;

/**
 * What the answer to a push means. Loki takes the good entries of a push that it answers with 400. They are sent again when
 * the push is halved to find the others, which is harmless: Loki keeps one of several equal entries of a stream.
 */
export const judgePush = (response: HttpResponse, options: JudgeOptions): Verdict => {
  const verdict = judge(response, options);
  if (verdict.kind !== "refused") return verdict;
  const said = response.body
    .toString("utf8", 0, 4 * longest)
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return said === ""
    ? verdict
    : { ...verdict, message: `${options.origin} answered ${response.status}: ${said.slice(0, longest)}` };
};
