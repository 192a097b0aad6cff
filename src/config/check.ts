import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Options, ownKeywords, type Schema, schemaOf } from "../option/option.ts";
import { didYouMean } from "../problem.ts";
import { checkHeaders } from "./header-check.ts";
import type { Owner, Reading } from "./reading.ts";
import { partsAt } from "./references.ts";
import { hintFor, show, wantedBy, wantedOf } from "./value-words.ts";

const ajv = new Ajv({
  allErrors: true,
  verbose: true,
  useDefaults: true,
  strict: true,
  // What must not stand together is required of a map that must not be.
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
 * reference could not be followed is not held against the user twice.
 */
export const checkOptions = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  owner: Owner,
  reading: Reading,
): boolean => {
  const validate = validatorOf(options);
  const isSound = validate(values);
  const isClear = checkHeaders(options, values, owner, reading);
  if (isSound) return isClear;
  const errors = validate.errors ?? [];
  const of = (keyword: string) => errors.filter((error) => error.keyword === keyword);
  // A misspelt option explains the one that is missing, so that only the first is told.
  const meant = new Set(of("additionalProperties").map((error) => tellUnknown(error, owner, reading)));
  for (const error of of("required")) if (!meant.has(missingPath(error))) tellMissing(error, owner, reading);
  for (const error of of("dependencies")) if (!meant.has(missingPath(error))) tellAlone(error, owner, reading);
  for (const error of of("not")) tellTogether(error, owner, reading);
  const told = new Set<string>();
  for (const error of errors) {
    if (ofMaps.has(error.keyword)) continue;
    // A value has one thing wrong: a number that is not one of the choices is no text either.
    if (!told.has(error.instancePath)) tellValue(error, owner, reading);
    told.add(error.instancePath);
  }
  return false;
};

/** What is told of a map as a whole, not of a value in it. */
const ofMaps: ReadonlySet<string> = new Set(["additionalProperties", "required", "dependencies", "not"]);

/** Returns the path of the option that was meant, if one is near enough. */
const tellUnknown = (error: ErrorObject, owner: Owner, { report }: Reading): string | undefined => {
  const option = String(error.params["additionalProperty"]);
  const known = Object.keys((error.parentSchema as Schema)["properties"] as object);
  const meant = didYouMean(option, known);
  const { path, name } = within(owner, error);
  const hint = meant ?? (known.length > 0 ? `Known are ${known.join(", ")}.` : "It has no options.");
  report.error("config/unknown-option", { path: [...path, option], key: true }, [option, name], hint);
  return meant && `${error.instancePath}/${/"(.*)"/.exec(meant)?.[1]}`;
};

const missingPath = (error: ErrorObject): string => `${error.instancePath}/${error.params["missingProperty"]}`;

const tellMissing = (error: ErrorObject, owner: Owner, { report }: Reading): void => {
  const option = String(error.params["missingProperty"]);
  const { path, name } = within(owner, error);
  const properties = (error.parentSchema as Schema)["properties"] as Readonly<Record<string, Schema>>;
  report.error("config/missing-option", { path, key: true }, [option, name], `It is ${wantedOf(properties[option])}.`);
};

const tellAlone = (error: ErrorObject, owner: Owner, { report }: Reading): void => {
  const { property, missingProperty: missing } = error.params as { property: string; missingProperty: string };
  const { path } = within(owner, error);
  const properties = (error.parentSchema as Schema)["properties"] as Readonly<Record<string, Schema>>;
  const at = { path: [...path, property], key: true };
  report.error("config/option-alone", at, [property, missing], `"${missing}" is ${wantedOf(properties[missing])}.`);
};

const tellTogether = (error: ErrorObject, owner: Owner, { report }: Reading): void => {
  const [option = "", other = ""] = (error.schema as { readonly required: readonly string[] }).required;
  const { path } = within(owner, error);
  const at = { path: [...path, option], key: true };
  report.error("config/options-apart", at, [option, other], "Take one of them away.");
};

const tellValue = (error: ErrorObject, owner: Owner, { file, origins, report }: Reading): void => {
  const { path } = within(owner, error);
  const parts = partsAt(file, origins, path);
  if (parts.some(({ from }) => from === "nowhere")) return;
  const schema = error.parentSchema as Schema;
  report.error(
    "config/wrong-value",
    { path },
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
