import { type Data, RejectError } from "weir";
import type { Content } from "./envelope.ts";
import { unquote, unquoteList } from "./go-quote.ts";
import { parseRequest } from "./request.ts";

/**
 * kube-apiserver's legacy text format (`--audit-log-format=legacy`, the only one before 1.7):
 * `2006-01-02T15:04:05Z AUDIT: id="…" stage="…" ip="…" method="get" user="…" …`, with values quoted as in Go.
 */
const start = /^(?:(\S{1,64}) )?AUDIT: (?=id=")/;
const pair = /([a-z-]{1,32})="((?:[^"\\]|\\.)*)"(?: |$)/y;

export const isLegacyLine = (line: string): boolean => start.test(line);

/**
 * The audit event that a line describes; what the line lacks is derived from the URI. Before 1.7 each response has a
 * separate line with only the id of the request, which contains no event.
 * @throws RejectError if the line is truncated or contains anything else.
 */
export const openLegacyLine = (line: string): Content | readonly Content[] => {
  const [whole, time] = start.exec(line)!;
  const said = pairsOf(line, whole.length);
  if (!said.has("method")) return [];
  // Removes undefined members.
  return { content: JSON.parse(JSON.stringify(toEvent(said, time))) };
};

const pairsOf = (line: string, from: number): ReadonlyMap<string, string> => {
  const said = new Map<string, string>();
  pair.lastIndex = from;
  let at = from;
  for (let match = pair.exec(line); match; match = pair.exec(line)) {
    const [, name, value] = match;
    said.set(name!, unquote(value!));
    at = pair.lastIndex;
  }
  if (at < line.length)
    throw new RejectError(
      "broken_audit_line",
      `an audit line consists of name="value" pairs, but this one continues with ${JSON.stringify(line.slice(at, at + 40))} at character ${at + 1}: it was truncated or changed`,
    );
  return said;
};

/** Placeholders for missing values. */
const nothing = new Set(["<none>", "<unknown>", "<self>", "<lookup>", "<deferred>", ""]);

const toEvent = (said: ReadonlyMap<string, string>, time: string | undefined): Data => {
  const get = (name: string) => (nothing.has(said.get(name) ?? "") ? undefined : said.get(name));
  const code = Number(get("response"));
  const ip = get("ip");
  const { verb, objectRef } = parseRequest(get("method") ?? "", get("uri") ?? "");
  return {
    kind: "Event",
    auditID: get("id"),
    stage: get("stage"),
    requestURI: get("uri"),
    verb,
    user: userOf(get("user"), get("groups")),
    impersonatedUser: userOf(get("as"), get("asgroups")),
    sourceIPs: ip === undefined ? undefined : [ip],
    userAgent: get("user-agent"),
    objectRef,
    responseStatus: code > 0 ? { code } : undefined,
    requestReceivedTimestamp: time,
  };
};

const userOf = (username: string | undefined, groups: string | undefined): Data | undefined =>
  username === undefined && groups === undefined
    ? undefined
    : { username, ...(groups !== undefined && { groups: unquoteList(groups) }) };
