import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { isObject } from "../json.ts";
import { type Options, ownKeywords, type Schema, schemaOf } from "../option/option.ts";
import { didYouMean } from "../problem.ts";
import { checkHeaders } from "./header-check.ts";
import type { AnyReading, Owner } from "./reading.ts";
import { partsAt } from "./references.ts";
import { hintFor, show, wantedBy, wantedOf } from "./value-words.ts";

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  useDefaults: true,
  strict: true,
  // A word or a list.
  allowUnionTypes: true,
  // "excludes" becomes { not: { required } }, which strict mode would refuse.
  strictRequired: false,
  keywords: [...ownKeywords],
});
const compiled = new WeakMap<Options, ValidateFunction>();

const validatorOf = (options: Options): ValidateFunction => {
  const validate = compiled.get(options) ?? ajv.compile(schemaOf(options));
  compiled.set(options, validate);
  return validate;
};

/**
 * Checks values against their options and fills the defaults into `values`; true when nothing is wrong. A value whose
 * reference could not be resolved has been reported already, and is skipped.
 */
export const checkOptions = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  owner: Owner,
  reading: AnyReading,
): boolean => {
  const validate = validatorOf(options);
  const isValid = validate(values);
  const areHeadersDistinct = checkHeaders(options, values, owner, reading);
  if (isValid) return areHeadersDistinct;
  // "oneOf" reports once that each of several options is missing.
  const errors = (validate.errors ?? []).filter(({ schemaPath }) => !/\/oneOf\/\d+\/required$/.test(schemaPath));
  const of = (keyword: string) => errors.filter((error) => error.keyword === keyword);
  // A misspelt option explains the one that is missing: only the first is reported.
  const meant = new Set(of("additionalProperties").map((error) => reportUnknown(error, owner, reading)));
  for (const error of of("required")) if (!meant.has(missingPath(error))) reportMissing(error, owner, reading);
  for (const error of of("dependencies")) if (!meant.has(missingPath(error))) reportAlone(error, owner, reading);
  for (const error of of("not")) reportTogether(error, owner, reading);
  for (const error of of("oneOf"))
    if (isObject(error.data) && !isMisspelt(error, errors)) reportNotOne(error, owner, reading);
  const reported = new Set<string>();
  for (const error of errors) {
    if (mapKeywords.has(error.keyword)) continue;
    // One problem per value: a number that is not one of the choices is also not a text.
    if (!reported.has(error.instancePath)) reportValue(error, owner, reading);
    reported.add(error.instancePath);
  }
  return false;
};

/** Keywords whose errors are about a map as a whole, not about a value in it. */
const mapKeywords: ReadonlySet<string> = new Set(["additionalProperties", "required", "dependencies", "not", "oneOf"]);

/** An unknown option explains why none of those is there of which there must be one. */
const isMisspelt = ({ instancePath, params }: ErrorObject, errors: readonly ErrorObject[]): boolean =>
  params["passingSchemas"] === null &&
  errors.some((error) => error.keyword === "additionalProperties" && error.instancePath === instancePath);

/** Returns the path of the option that was probably meant, if there is one. */
const reportUnknown = (error: ErrorObject, owner: Owner, { report }: AnyReading): string | undefined => {
  const option = String(error.params["additionalProperty"]);
  const known = Object.keys((error.parentSchema as Schema)["properties"] as object);
  const meant = didYouMean(option, known);
  const { path, name } = within(owner, error);
  const hint = meant ?? (known.length > 0 ? `Available: ${known.join(", ")}.` : "It has no options.");
  report.error("config/unknown-option", { path: [...path, option], key: true }, [option, name], hint);
  return meant && `${error.instancePath}/${/"(.*)"/.exec(meant)?.[1]}`;
};

const missingPath = (error: ErrorObject): string => `${error.instancePath}/${error.params["missingProperty"]}`;

const reportMissing = (error: ErrorObject, owner: Owner, { report }: AnyReading): void => {
  const option = String(error.params["missingProperty"]);
  const { path, name } = within(owner, error);
  const properties = (error.parentSchema as Schema)["properties"] as Readonly<Record<string, Schema>>;
  report.error("config/missing-option", { path, key: true }, [option, name], `It is ${wantedOf(properties[option])}.`);
};

const reportAlone = (error: ErrorObject, owner: Owner, { report }: AnyReading): void => {
  const { property, missingProperty: missing } = error.params as { property: string; missingProperty: string };
  const { path } = within(owner, error);
  const properties = (error.parentSchema as Schema)["properties"] as Readonly<Record<string, Schema>>;
  const at = { path: [...path, property], key: true };
  report.error("config/option-alone", at, [property, missing], `Add "${missing}": ${wantedOf(properties[missing])}.`);
};

const reportTogether = (error: ErrorObject, owner: Owner, { report }: AnyReading): void => {
  const [option = "", other = ""] = (error.schema as { readonly required: readonly string[] }).required;
  const { path } = within(owner, error);
  const at = { path: [...path, option], key: true };
  report.error("config/options-apart", at, [option, other], "Remove one of them.");
};

const reportNotOne = (error: ErrorObject, owner: Owner, { report }: AnyReading): void => {
  const { path } = within(owner, error);
  const names = (error.schema as readonly { readonly required: readonly string[] }[]).flatMap(
    ({ required }) => required,
  );
  const found = Object.keys(error.data as object).filter((name) => names.includes(name));
  const words = found.length === 0 ? "none of them" : found.map((name) => `"${name}"`).join(" and ");
  const hint = found.length === 0 ? `Available: ${names.join(", ")}.` : "Keep one of them.";
  report.error("config/not-one", { path }, [words], hint);
};

const reportValue = (error: ErrorObject, owner: Owner, { file, origins, report }: AnyReading): void => {
  const { path } = within(owner, error);
  const parts = partsAt(file, origins, path);
  if (parts.some(({ from }) => from === "nowhere")) return;
  const schema = error.parentSchema as Schema;
  const { propertyName: name } = error;
  report.error(
    "config/wrong-value",
    name === undefined ? { path } : { path: [...path, name], key: true },
    [show(error.data, schema, parts), wantedBy(error)],
    hintFor(error, parts),
  );
};

const within = (owner: Owner, { instancePath }: ErrorObject): Owner => {
  const steps = stepsOf(instancePath);
  if (steps.length === 0) return owner;
  const name = steps.findLast((step) => !/^[0-9]+$/.test(step));
  return { name: `"${name}"`, path: [...owner.path, ...steps] };
};

const stepsOf = (pointer: string): string[] =>
  pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
