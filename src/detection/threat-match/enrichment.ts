import { Draft } from "../../fields/draft.ts";
import { fieldValues } from "../../fields/values.ts";
import { readPath, WriteError, writePath } from "../../fields/write-path.ts";
import { type Data, isObject } from "../../json.ts";
import { type Hash, tuple } from "../hash.ts";
import { noIndex } from "./indicator.ts";
import type { Match, Matcher } from "./matcher.ts";
import type { ThreatMatch } from "./options.ts";

/** What an alert says of one field and one indicator, as Kibana writes it. */
export interface Enrichment {
  readonly indicator: Data;
  readonly feed: { readonly name?: string };
  readonly matched: {
    /** The value of the event. */
    readonly atomic: unknown;
    readonly field: string;
    readonly id: string;
    readonly index: string;
    readonly type: "indicator_match_rule";
  };
}

const feedName = fieldValues("threat.feed.name");
const enrichmentsPath = writePath("threat.enrichments");

/** The longest that all enrichments of an alert can be, in UTF-16 units of JSON. Of one indicator that is longer, the alert has the rest. */
const mostText = 1024 * 1024;

export interface Enriching {
  readonly data: Data;
  readonly matcher: Matcher;
  readonly path: ThreatMatch["indicator_path"];
  readonly hash: Hash;
}

/** One for each entry of a match that must be equal, each field and indicator once, as far as there is room. */
export const enrichmentsOf = (
  matches: readonly Match[],
  { data, matcher, path, hash }: Enriching,
): { readonly enrichments: readonly Enrichment[]; readonly isCut: boolean } => {
  const all = new Map<string, Enrichment>();
  const written = matcher.written(data);
  let room = mostText;
  let isCut = false;
  for (const { indicator, found } of matches) {
    const id = indicator.id ?? hash(tuple(["indicator", JSON.stringify(indicator.row)]));
    const [name] = feedName(indicator.data);
    const feed = name === undefined || name === "" ? {} : { name };
    const whole = objectAt(indicator.data, path);
    const length = JSON.stringify(whole).length;
    const [shown, size] = length > mostText ? [{}, 2] : [whole, length];
    isCut ||= length > mostText;
    for (const { entry, text } of found) {
      const key = tuple([indicator.index, id, entry.field]);
      if (all.has(key)) continue;
      room -= size;
      if (room < 0) return { enrichments: [...all.values()], isCut: true };
      const atomic = written(entry, text);
      const matched = { atomic, field: entry.field, id, index: indicator.index, type: "indicator_match_rule" } as const;
      all.set(key, { indicator: shown, feed, matched });
    }
  }
  return { enrichments: [...all.values()], isCut };
};

/** The object at a path, also if it is written with dots in keys; of a list the first element; `{}` if there is none. */
const objectAt = (data: Data, path: string): Data => {
  const draft = new Draft({});
  const whole = new Draft(data).get(readPath(path));
  const first = Array.isArray(whole) ? whole[0] : whole;
  const start = `${path}.`;
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith(start)) continue;
    try {
      draft.set(writePath(key.slice(start.length)), value);
    } catch (error) {
      // It contradicts another one, or its name is no path.
      if (!(error instanceof WriteError)) throw error;
    }
  }
  return isObject(first) ? { ...draft.data, ...first } : draft.data;
};

/** The data of an event with these enrichments after its own. */
export const withEnrichments = (data: Data, added: readonly Enrichment[]): Data => {
  const draft = new Draft(data);
  const known = draft.get(enrichmentsPath);
  const all = [...(known === undefined || known === null ? [] : [known].flat()), ...added];
  try {
    draft.set(enrichmentsPath, all);
    return draft.data;
  } catch (error) {
    if (!(error instanceof WriteError)) throw error;
    // The event has a text where the object must be.
    return { ...data, threat: { enrichments: added } };
  }
};

/** For the reason of the alert: what was found, and in whose list. */
export const sentencesOf = (matches: readonly Match[], isCut: boolean): readonly string[] => {
  const shown = matches.slice(0, mostShown).map(({ indicator, found }) => {
    const fields = found.map(({ entry, text }) => `${entry.field} ${quoted(text)}`).join(" and ");
    const [name] = feedName(indicator.data);
    const by = name === undefined || name === "" ? "" : ` of ${quoted(name)}`;
    const where = indicator.index === noIndex ? "" : ` in ${indicator.index}`;
    return `${fields} ${found.length > 1 ? "are those" : "is that"} of an indicator${by}${where}.`;
  });
  const others = matches.length - shown.length;
  return others > 0 || isCut ? [...shown, `${isCut ? "At least " : ""}${others} more indicators fit.`] : shown;
};

const mostShown = 3;

const quoted = (text: string): string => JSON.stringify(text.length > 128 ? `${text.slice(0, 127)}…` : text);

/** The values of an event that indicators have, in the order of the entries, each once. */
export const matchedValues = (
  matches: readonly Match[],
): readonly { readonly field: string; readonly value: string }[] => {
  const all = new Map<string, { readonly field: string; readonly value: string }>();
  for (const { found } of matches)
    for (const { entry, text } of found) all.set(tuple([entry.field, text]), { field: entry.field, value: text });
  return [...all.values()];
};
