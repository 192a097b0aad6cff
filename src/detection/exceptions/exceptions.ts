import type { Event } from "../../event.ts";
import type { FieldTypes } from "../../fields/mappings.ts";
import { compileGlob } from "../../glob.ts";
import { compileKql, kqlOptionsOf } from "../../kql/index.ts";
import { atOption, OptionError, type OptionPath } from "../../option/option-error.ts";
import { didYouMean } from "../../problem.ts";
import type { QueryFields } from "../query-language.ts";
import type { Rule } from "../rule.ts";
import type { EventTools } from "../rule-type.ts";
import { exceptionMatcher } from "./matcher.ts";
import type { Exception } from "./options.ts";

/** An exception, and where it is in the options of the component. */
export interface PlacedException {
  readonly exception: Exception;
  readonly path: OptionPath;
}

/** An exception that is ready to be applied. */
export interface ReadyException extends PlacedException {
  readonly matches: ReturnType<typeof exceptionMatcher>;
}

/** Whether an event is excepted from a rule. `note` counts by exception. */
export type IsExcepted = (event: Event, tools: Pick<EventTools, "note" | "trace">) => boolean;

/** The reason why an event raises no alert although the query matches: it is excepted. */
export const excepted = "excepted";

/** How notes begin that count by exception, before its name. */
export const [exceptedBy, expiredException] = ["excepted by ", "expired "] as const;

interface Given {
  readonly exceptions?: readonly Exception[] | undefined;
  readonly exception_files?: readonly (readonly Exception[])[] | undefined;
}

/**
 * The exceptions of a component. One in the pipeline must name a rule that the component runs. Files can be shared by
 * several components, so those in files need not.
 */
export const placedExceptions = (
  { exceptions = [], exception_files: files = [] }: Given,
  rules: readonly Rule[],
): readonly PlacedException[] => {
  for (const [index, exception] of exceptions.entries())
    if (!rules.some((rule) => isForRule(exception, rule)))
      throw new OptionError(
        `the exception "${exception.name}" applies to no rule of this component`,
        ["exceptions", index, "rules"],
        {
          hint:
            didYouMean(
              exception.rules[0]!,
              rules.map(({ name }) => name),
            ) ?? "Name a rule, its id or one of its tags.",
        },
      );
  for (const [index, list] of files.entries())
    if (list.length > 0 && list.every(isExported) && !list.some((each) => rules.some((rule) => isForRule(each, rule))))
      throw new OptionError("the lists in this export apply to no rule of this component", ["exception_files", index], {
        hint: "Say which rules they are for: { from: exceptions.ndjson, rules: [my_rule] }.",
      });
  return [
    ...exceptions.map((exception, index) => ({ exception, path: ["exceptions", index] })),
    ...files.flatMap((list, file) => list.map((exception) => ({ exception, path: ["exception_files", file] }))),
  ];
};

/** What an exception names for the rules with an exception list of Kibana. */
export const exceptionListName = (id: string): string => `exception list ${id}`;

const isExported = ({ rules }: Exception): boolean => rules[0]?.startsWith(exceptionListName("")) ?? false;

/** Compiles exceptions. Throws an `OptionError` at what cannot be compiled. */
export const readyExceptions = (placed: readonly PlacedException[], types?: FieldTypes): readonly ReadyException[] =>
  placed.map(({ exception, path }) => ({
    exception,
    path,
    matches: compiledAt(path, exception, types),
  }));

/** The place of what is wrong within a file is not known here: the message names the exception. */
const compiledAt = (path: OptionPath, exception: Exception, types: FieldTypes) => {
  if (path[0] === "exceptions") return atOption(path, () => exceptionMatcher(exception, types));
  try {
    return exceptionMatcher(exception, types);
  } catch (error) {
    const { message, path: within = [], hint } = error as OptionError;
    throw new OptionError(
      `the exception "${exception.name}" cannot be used: ${message} (at ${within.join(".")})`,
      path,
      { hint },
    );
  }
};

/** What the events that a profile leaves out are counted under, as those of an exception. */
export const profileException = "the profile";

/** The exceptions for a rule: what its profile leaves out, and those of the pipeline. */
export const exceptionsFor = (
  rule: Rule,
  exceptions: readonly ReadyException[],
  given: QueryFields = {},
): readonly ReadyException[] => {
  const own = exceptions.filter(({ exception }) => isForRule(exception, rule));
  if (rule.without === undefined) return own;
  const exception = {
    name: profileException,
    rules: [rule.name],
    reason: "its profile leaves such events out",
    entries: [],
  };
  return [{ exception, path: ["overrides"], matches: compileKql(rule.without, kqlOptionsOf(given)) }, ...own];
};

/** Whether an exception is for a rule: it names the rule, its id, its title, one of its tags or of its exception lists. */
export const isForRule = (
  { rules }: Pick<Exception, "rules">,
  { name, id, title, tags, exception_lists = [] }: Rule,
): boolean =>
  rules.some((pattern) =>
    [name, id, title, ...tags, ...exception_lists.map(exceptionListName)].some(compileGlob(pattern.split("*"))),
  );

/** Why an exception is there, and who answers for it. */
const aboutException = ({ reason, owner }: Pick<Exception, "reason" | "owner">): string =>
  [...(owner === undefined ? [] : [`owner: ${owner}`]), `reason: ${reason}`].join(" · ");

/**
 * The filter of a rule's events: an event is excepted if one of the exceptions fits. One that has expired when weir received
 * the event does not apply; that it would have is noted as `expired NAME`.
 */
export const exceptionFilter = (exceptions: readonly ReadyException[]): IsExcepted => {
  if (exceptions.length === 0) return () => false;
  return ({ data, meta }, { note, trace }) => {
    for (const { exception, matches } of exceptions) {
      const { name, expires = Number.POSITIVE_INFINITY } = exception;
      if (!matches(data, meta.ingested)) continue;
      if (meta.ingested < expires) {
        note(`${exceptedBy}${name}`);
        trace?.({ title: `excepted by ${JSON.stringify(name)}`, outcome: aboutException(exception) });
        return true;
      }
      note(`${expiredException}${name}`);
      const since = `expired ${new Date(expires).toISOString()}, so the event counts`;
      trace?.({ title: `the exception ${JSON.stringify(name)}`, outcome: `${since} · ${aboutException(exception)}` });
    }
    return false;
  };
};
