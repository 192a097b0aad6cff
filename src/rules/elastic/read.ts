import { checkOptions } from "../../config/check.ts";
import { decode } from "../../config/decode.ts";
import type { AnyReading } from "../../config/reading.ts";
import { Report } from "../../config/report.ts";
import { missingTypes, whyNotIn } from "../../detection/elastic-types.ts";
import type { Rule } from "../../detection/rule.ts";
import type { RuleType } from "../../detection/rule-type.ts";
import { languageOf, ruleTypes, setRuleType } from "../../detection/rule-types.ts";
import { type Data, isObject } from "../../json.ts";
import { type Options, option } from "../../option/option.ts";
import { didYouMean } from "../../problem.ts";
import { noRules } from "../load.ts";
import type { About, NotHonoured, ReadOptions, ReadRule } from "../rule-file.ts";
import { commonFields, disregardedField, isCommonField, usedFields } from "./fields.ts";
import { ruleOf } from "./rule-of.ts";
import { TomlFile } from "./toml-file.ts";

/** Reads a rule from a TOML file as in Elastic's repository of detection rules. */
export const readElasticRule = (text: string, { file: fileName, name, types = ruleTypes }: ReadOptions): ReadRule => {
  const file = new TomlFile(fileName, text);
  const report = new Report(file);
  const { values } = file;
  let notHonoured: readonly NotHonoured[] = [];
  const about = aboutOf(name, values);
  const end = (rest: Pick<ReadRule, "result"> & { readonly cannotRun?: string }): ReadRule => ({
    file: fileName,
    about,
    notHonoured,
    ...rest,
  });
  const failed = () => end({ result: { ok: false, problems: report.problems } });
  for (const { message, place } of file.flaws) report.error("rule/toml", place, [message]);
  if (report.failed) return failed();
  const fields = values["rule"];
  const hunt = values["hunt"];
  if (fields === undefined && isObject(hunt)) {
    const why = "it is a query for people who hunt threats, and not a rule";
    report.error("rule/cannot-run", { path: ["hunt"], key: true }, [why]);
    return { ...failed(), about: { ...about, title: textOf(hunt["name"]) }, cannotRun: why };
  }
  if (!isObject(fields)) {
    report.error("rule/no-rule", { path: [] }, [], "A rule of Elastic has [metadata] and [rule].");
    return failed();
  }
  const type = types.find((each) => each.name === fields["type"] && each.elastic);
  notHonoured = notHonouredIn(file, fields, type);
  const cannotRun = checkType(fields, type, types, report);
  const options = optionsFor(type);
  const known = Object.fromEntries(Object.entries(fields).filter(([field]) => Object.hasOwn(options, field)));
  const reading: AnyReading = { file, report, origins: new Map(), catalogs: { rules: noRules, codecs: noRules } };
  // Checking fills in defaults; alerts show what is written.
  const filled = structuredClone(known);
  const isSound = checkOptions(options, filled, { name: "a rule", path: ["rule"] }, reading);
  if (isSound && cannotRun !== undefined) return { ...failed(), cannotRun };
  // Also if something is wrong already: a query has its own mistakes.
  const decoded = decode(options, filled, ["rule"], reading);
  if (report.failed || !type) return failed();
  const rule = ruleOf(decoded, { name, written: values, type });
  setRuleType(rule, type);
  for (const { path, message } of type.check?.(rule) ?? [])
    report.error("rule/contradiction", { path: ["rule", ...(type.elastic?.placeOf?.(path) ?? path)] }, [message]);
  return end({ result: report.result((): Rule => rule) });
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
const textsOf = (value: unknown): readonly string[] => [value].flat().filter((each) => typeof each === "string");

const aboutOf = (name: string, { rule = {}, metadata = {} }: Data): About => {
  const [fields, about] = [rule, metadata].map((table) => (isObject(table) ? table : {})) as [Data, Data];
  return {
    name,
    title: textOf(fields["name"]),
    type: textOf(fields["type"]),
    language: textOf(fields["language"]),
    severity: textOf(fields["severity"]),
    tags: textsOf(fields["tags"]),
    integrations: textsOf(about["integration"]),
    maturity: textOf(about["maturity"]),
  };
};

/** The fields that make a difference in Elastic and none in weir, and those that nobody knows. */
const notHonouredIn = (file: TomlFile, fields: Data, type: RuleType | undefined): readonly NotHonoured[] => {
  const found: NotHonoured[] = [];
  const own = [...Object.keys(type?.elastic?.fields ?? {}), ...(missingTypes[String(fields["type"])]?.fields ?? [])];
  const add = (field: string, matters: boolean, report: (one: Report) => void) => {
    const one = new Report(file);
    report(one);
    found.push({ field, matters, problem: one.problems[0]! });
  };
  for (const field of Object.keys(fields)) {
    const at = { path: ["rule", field], key: true };
    const disregarded = disregardedField(field, fields);
    if (disregarded)
      add(field, !disregarded.isUsual, (one) => one.warning("rule/not-honoured", at, [field, disregarded.why]));
    const hint = () => didYouMean(field, [...commonFields, ...own]);
    if (!isCommonField(field) && !own.includes(field))
      add(field, true, (one) => one.warning("rule/unknown-field", at, [field], hint()));
  }
  for (const { field, why, isUsual = false } of type?.elastic?.notHonoured?.(fields) ?? [])
    add(field, !isUsual, (one) => one.warning("rule/not-honoured", { path: ["rule", field], key: true }, [field, why]));
  for (const table of Object.keys(file.values)) {
    const at = { path: [table], key: true };
    const words: [string, string] = [`[${table}]`, "only Kibana uses it"];
    if (table === "transform") add(table, false, (one) => one.warning("rule/not-honoured", at, words));
    else if (!tables.includes(table))
      add(table, true, (one) => one.warning("rule/unknown-field", at, [table], didYouMean(table, tables)));
  }
  return found;
};

/** The tables of a rule file; the last one is for the buttons in notes. */
const tables = ["rule", "metadata", "transform"];

/** Reports a type or a language that weir does not run, and returns why. */
const checkType = (
  fields: Data,
  type: RuleType | undefined,
  types: readonly RuleType[],
  report: Report,
): string | undefined => {
  const { type: name, language } = fields;
  // What is missing is reported with the options.
  if (typeof name !== "string") return undefined;
  const at = (field: string) => ({ path: ["rule", field] });
  if (!type) {
    const missing = Object.hasOwn(missingTypes, name) ? missingTypes[name] : undefined;
    const known = [...types.flatMap((each) => (each.elastic ? each.name : [])), ...Object.keys(missingTypes)];
    if (missing) report.error("rule/cannot-run", at("type"), [missing.why]);
    else report.error("rule/unknown-type", at("type"), [name], didYouMean(name, known));
    return missing?.why;
  }
  const cause =
    typeof language === "string" && language !== languageOf(type).name
      ? { field: "language", why: whyNotIn(language) }
      : type.elastic?.whyNot?.(fields);
  if (cause) report.error("rule/cannot-run", at(cause.field), [cause.why]);
  return cause?.why;
};

const byType = new Map<RuleType | undefined, Options>();

/** Of a type that weir does not have, the fields of all rules are checked. */
const optionsFor = (type: RuleType | undefined): Options => {
  const known = byType.get(type);
  if (known) return known;
  const query = type ? languageOf(type).option("What an event must match.") : option.optional(option.text("A query."));
  const options: Options = { ...usedFields, query, ...type?.elastic?.fields };
  byType.set(type, options);
  return options;
};
