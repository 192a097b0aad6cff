import { isObject } from "../json.ts";
import { type Catalog, DecodeError, type OptionDecoder, type Warn } from "../option/decoder.ts";
import { typesIn } from "../option/kql.ts";
import { type Options, option, schemaFor, schemaOf } from "../option/option.ts";
import { didYouMean, type Problem } from "../problem.ts";
import { QueryError } from "../query-error.ts";
import { lackOf } from "./needs.ts";
import type { QueryFields } from "./query-language.ts";
import type { Rule } from "./rule.ts";
import { languageOf, typeOfRule } from "./rule-types.ts";

/** Which rules of several files to run. A rule must have one of the values in each list. */
export interface RuleFilter {
  readonly tags?: readonly string[];
  readonly types?: readonly string[];
  readonly integrations?: readonly string[];
  readonly severities?: readonly string[];
  readonly maturity?: readonly string[];
}

/** The rules that an entry of a pipeline stands for. */
export interface SelectedRules {
  /** It is a folder or a glob, and not the name or the path of one rule. */
  readonly isMany: boolean;
  readonly rules: readonly Rule[];
  /** What is wrong with the files. */
  readonly problems: readonly Problem[];
  /** How many rules cannot run in weir although nothing is wrong with their files, by the reason. */
  readonly idle: ReadonlyMap<string, number>;
  /** How many of the rules that run have a field that weir does not honour, by field. */
  readonly notHonoured: ReadonlyMap<string, number>;
}

/** The rules that a pipeline can refer to. */
export interface RuleCatalog extends Catalog<Rule> {
  /** The rules of a file, of a folder, or of the files that match a glob; `undefined` if there is no such file. */
  select?(from: string, filter: RuleFilter): SelectedRules | undefined;
}

const list = (description: string) => option.optional(option.list(option.text, { minItems: 1 })(description));

const filterOptions = {
  tags: list("Only rules with one of these tags."),
  types: list("Only rules of these types."),
  integrations: list("Only rules for one of these integrations."),
  severities: list("Only rules of these severities."),
  maturity: list("Only rules of this maturity, such as `production`."),
} satisfies Options;

const asMap = schemaOf({
  from: option.text("A path, a folder or a glob such as `elastic/rules/**/*.toml`, relative to the pipeline file."),
  ...filterOptions,
});

type Entry = string | ({ readonly from: string } & RuleFilter);

const decode = (
  entry: Entry,
  catalogs: { readonly rules: Catalog<unknown> },
  warn: Warn,
  beside: Readonly<Record<string, unknown>>,
): readonly Rule[] => {
  const rules = chosen(entry, catalogs, warn, beside);
  const found = rules.flatMap((rule) => withoutEffect(rule, fieldsIn(beside)).map((text) => `${rule.name}: ${text}`));
  const from = typeof entry === "string" ? entry : entry.from;
  const more = found.length > 1 ? ` There are ${found.length} such parts.` : "";
  const check = `To see each with its place: weir rules check ${JSON.stringify(from)}`;
  if (found.length > 0) warn("config/rules-without-effect", [from, `${found[0]}${more}`], check);
  return rules;
};

/** None of a query that does not work with the types: building the component says so. */
const withoutEffect = (rule: Rule, given: QueryFields): readonly string[] => {
  try {
    return languageOf(typeOfRule(rule)).withoutEffect?.(rule, given) ?? [];
  } catch (error) {
    if (error instanceof QueryError) return [];
    throw error;
  }
};

const fieldsIn = (beside: Readonly<Record<string, unknown>>): QueryFields => {
  const { fields, defaultFields } = typesIn(beside);
  return { fields, default_fields: defaultFields };
};

const chosen = (
  entry: Entry,
  { rules }: { readonly rules: Catalog<unknown> },
  warn: Warn,
  beside: Readonly<Record<string, unknown>>,
): readonly Rule[] => {
  const { from, ...filter } = typeof entry === "string" ? { from: entry } : entry;
  const catalog = rules as RuleCatalog;
  const selected = catalog.select?.(from, filter);
  const found = selected?.isMany ? undefined : catalog.get(from);
  const isAlone = Object.keys(filter).length === 0;
  if (isAlone && found?.ok) return [found.value];
  if (isAlone && found?.ok === false) throw new DecodeError("config/rule-in-error", from, { problems: found.problems });
  if (!selected) throw unknown(from, catalog);
  const { problems, idle, notHonoured } = selected;
  if (problems.length > 0) throw new DecodeError("config/rules-in-error", from, { problems });
  const why = `To see why: weir rules check ${JSON.stringify(from)}`;
  if (selected.rules.length === 0) throw new DecodeError("config/no-rules", from, { hint: idle.size > 0 ? why : hint });
  if (idle.size > 0) warn("config/idle-rules", [from, countsOf(idle)], why);
  if (notHonoured.size > 0) warn("config/fields-not-honoured", [from, countsOf(notHonoured)], why);
  return selected.isMany ? withoutNeedy(from, selected.rules, warn, beside) : selected.rules;
};

/** The rules of a folder that need nothing that the component does not give. A rule that is named alone must run. */
const withoutNeedy = (
  from: string,
  rules: readonly Rule[],
  warn: Warn,
  beside: Readonly<Record<string, unknown>>,
): readonly Rule[] => {
  // What is wrong with these is reported elsewhere.
  const indicators = [beside["indicators"] ?? []].flat().map((entry) => {
    const index = isObject(entry) ? entry["index"] : undefined;
    return { index: typeof index === "string" ? index : undefined };
  });
  const counts = new Map<string, number>();
  let wayOut = "";
  const running = rules.filter((rule) => {
    const lack = lackOf(rule, { indicators, default_fields: fieldsIn(beside).default_fields });
    if (!lack) return true;
    counts.set(rule.type, (counts.get(rule.type) ?? 0) + 1);
    wayOut = lack.hint;
    return false;
  });
  if (running.length === 0) throw new DecodeError("config/no-rules", from, { hint: wayOut });
  if (counts.size > 0) warn("config/idle-rules", [from, countsOf(counts)], wayOut);
  return running;
};

const hint = "Name files that end with .toml, .yaml or .yml, and check the filters.";

const unknown = (name: string, catalog: RuleCatalog): DecodeError => {
  const known = catalog.names();
  const wayOut = didYouMean(name, known) ?? (known.length > 0 ? `Available: ${known.join(", ")}.` : undefined);
  return new DecodeError("config/unknown-rule", name, { hint: wayOut });
};

/** The counts of words, the largest first: `2 × a, 1 × b`. */
const countsOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([word, count]) => `${count} × ${word}`)
    .join(", ");

const entry = (description: string) =>
  schemaFor<readonly Rule[]>({
    ...asMap,
    title: "the name of a rule, a path, a folder, a glob, or a map with from and filters",
    type: ["string", "object"],
    minLength: 1,
    kind: "rules",
    description,
    decode: decode as OptionDecoder,
  });

/**
 * An option that is a list of rules: names, and files of weir and of Elastic by path, folder or glob. Each entry is decoded
 * to the rules that it stands for; `detect` takes them as they are.
 */
export const rulesOption = option.list(entry, { minItems: 1 });
