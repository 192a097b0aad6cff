import { isObject } from "../json.ts";
import { type Options, type Schema, schemaOf } from "../option/option.ts";
import { type Violation, violations } from "../option/violations.ts";
import { didYouMean } from "../problem.ts";
import { checkHeaders } from "./header-check.ts";
import type { AnyReading, Owner } from "./reading.ts";
import { partsAt } from "./references.ts";
import { hintFor, show, wantedBy, wantedOf } from "./value-words.ts";

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
  const found = violations(schemaOf(options), values);
  const areHeadersDistinct = checkHeaders(options, values, owner, reading);
  if (found.length === 0) return areHeadersDistinct;
  const of = (keyword: string) => found.filter((violation) => violation.keyword === keyword);
  // A misspelt option explains the one that is missing: only the first is reported.
  const meant = new Set(of("additionalProperties").map((violation) => reportUnknown(violation, owner, reading)));
  for (const one of of("required")) if (!meant.has(pathOf(one, one.property))) reportMissing(one, owner, reading);
  for (const one of of("dependencies")) if (!meant.has(pathOf(one, one.missing))) reportAlone(one, owner, reading);
  for (const one of of("not")) reportTogether(one, owner, reading);
  for (const one of of("oneOf")) if (isObject(one.value) && !isMisspelt(one, found)) reportNotOne(one, owner, reading);
  const reported = new Set<string>();
  for (const violation of found) {
    if (mapKeywords.has(violation.keyword)) continue;
    // One problem per value: a number that is not one of the choices is also not a text.
    const path = pathOf(violation);
    if (!reported.has(path)) reportValue(violation, owner, reading);
    reported.add(path);
  }
  return false;
};

const pathOf = ({ path }: Violation, ...names: readonly (string | undefined)[]): string =>
  JSON.stringify([...path, ...names]);

/** Keywords whose errors are about a map as a whole, not about a value in it. */
const mapKeywords: ReadonlySet<string> = new Set(["additionalProperties", "required", "dependencies", "not", "oneOf"]);

/** An unknown option explains why none of those is there of which there must be one. */
const isMisspelt = ({ path, passing }: Violation, found: readonly Violation[]): boolean =>
  passing === 0 &&
  found.some(({ keyword, path: at }) => keyword === "additionalProperties" && at.join("/") === path.join("/"));

/** Returns the path of the option that was probably meant, if there is one. */
const reportUnknown = (violation: Violation, owner: Owner, { report }: AnyReading): string | undefined => {
  const { property: option = "", schema } = violation;
  const known = Object.keys(schema["properties"] as object);
  const meant = didYouMean(option, known);
  const { path, name } = within(owner, violation);
  const hint = meant ?? (known.length > 0 ? `Available: ${known.join(", ")}.` : "It has no options.");
  report.error("config/unknown-option", { path: [...path, option], key: true }, [option, name], hint);
  return meant && pathOf(violation, /"(.*)"/.exec(meant)?.[1]);
};

const reportMissing = (violation: Violation, owner: Owner, { report }: AnyReading): void => {
  const { property: option = "", schema } = violation;
  const { path, name } = within(owner, violation);
  const wanted = wantedOf(propertiesOf(schema)[option]);
  report.error("config/missing-option", { path, key: true }, [option, name], `It is ${wanted}.`);
};

const reportAlone = (violation: Violation, owner: Owner, { report }: AnyReading): void => {
  const { property = "", missing = "", schema } = violation;
  const { path } = within(owner, violation);
  const at = { path: [...path, property], key: true };
  const wanted = wantedOf(propertiesOf(schema)[missing]);
  report.error("config/option-alone", at, [property, missing], `Add "${missing}": ${wanted}.`);
};

const propertiesOf = (schema: Schema) => schema["properties"] as Readonly<Record<string, Schema>>;

const reportTogether = (violation: Violation, owner: Owner, { report }: AnyReading): void => {
  const [option = "", other = ""] = violation.apart ?? [];
  const { path } = within(owner, violation);
  const at = { path: [...path, option], key: true };
  report.error("config/options-apart", at, [option, other], "Remove one of them.");
};

const reportNotOne = (violation: Violation, owner: Owner, { report }: AnyReading): void => {
  const { schema, value } = violation;
  const { path } = within(owner, violation);
  const names = (schema["oneOf"] as readonly { readonly required: readonly string[] }[]).flatMap(
    ({ required }) => required,
  );
  const found = Object.keys(value as object).filter((name) => names.includes(name));
  const words = found.length === 0 ? "none of them" : found.map((name) => `"${name}"`).join(" and ");
  const hint = found.length === 0 ? `Available: ${names.join(", ")}.` : "Keep one of them.";
  report.error("config/not-one", { path }, [words], hint);
};

const reportValue = (violation: Violation, owner: Owner, { file, origins, report }: AnyReading): void => {
  const { path } = within(owner, violation);
  const parts = partsAt(file, origins, path);
  if (parts.some(({ from }) => from === "nowhere")) return;
  const { property: name, value, schema } = violation;
  report.error(
    "config/wrong-value",
    name === undefined ? { path } : { path: [...path, name], key: true },
    [show(value, schema, parts), wantedBy(violation)],
    hintFor(violation, parts),
  );
};

const within = (owner: Owner, { path: steps }: Violation): Owner => {
  if (steps.length === 0) return owner;
  const name = steps.findLast((step) => !/^[0-9]+$/.test(step));
  return { name: `"${name}"`, path: [...owner.path, ...steps] };
};
