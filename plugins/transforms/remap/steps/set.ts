import { type Data, type Json, option } from "weir";
import { CelError, compileCel } from "weir/cel";
import { type Draft, isObject, readsMeta, Template, TemplateError, writePath } from "weir/fields";
import { atOption, OptionError } from "weir/transform";
import { type Action, defineStep, type StepFailure } from "../step.ts";
import { fieldNames } from "./fields.ts";

export const set = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    "Fields, each with its value. In a text, `{{ field }}` stands for a value of the event, and `{{ field:-other }}` has a default. `{ cel: … }` computes the value by an expression of CEL, in which the fields of the event are variables. `_meta` is what weir knows about the event, such as `{{ _meta.log.file.path }}`.",
  ),
  compile: (values) => Object.entries(values).map(([field, value]) => atOption([field], () => setting(field, value))),
  edits: (values) =>
    Object.values(values).every(isFixed)
      ? Object.entries(values).map(([field, value]) => ({ kind: "set", to: writePath(field), value }))
      : undefined,
});

/** Whether a value is the same for all events. */
const isFixed = (value: Json): boolean => {
  if (typeof value === "string") return !value.includes("{{");
  if (Array.isArray(value)) return value.every(isFixed);
  if (!isObject(value)) return true;
  const members = Object.entries(value as Readonly<Record<string, Json>>);
  return !(members.length === 1 && members[0]![0] === "cel") && members.every(([, inner]) => isFixed(inner));
};

const setting = (field: string, value: Json): Action => {
  const path = writePath(field);
  const make = valueIn(value);
  return (draft, { failure }) => {
    const made = madeBy(make, draft, failure);
    if ("failed" in made) return made;
    draft.set(path, made.value);
    return undefined;
  };
};

/** The value, or why there is none for this event. */
export const madeBy = (
  make: Maker,
  draft: Draft,
  failure: StepFailure | undefined,
): { readonly value: Json } | { readonly failed: string } => {
  try {
    return { value: make(draft, failure) };
  } catch (error) {
    if (error instanceof TemplateError || error instanceof CelError) return { failed: error.message };
    throw error;
  }
};

/** Makes a value for an event; throws a `TemplateError` or a `CelError`. */
export type Maker = (draft: Draft, failure?: StepFailure) => Json;

/** A value as it is written, with templates and expressions in it. */
export const valueIn = (value: Json): Maker => {
  if (typeof value === "string" && value.includes("{{")) {
    const template = new Template(value);
    const read = reading(value);
    return (draft) => template.render(read(draft), (text) => text);
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => atOption([index], () => valueIn(item)));
    return (draft, failure) => items.map((item) => item(draft, failure));
  }
  // YAML has `.nan` and `.inf`.
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${value} is no number that JSON has`);
  if (!isObject(value)) return () => value;
  const { cel } = value;
  if (cel !== undefined && Object.keys(value).length === 1) {
    if (typeof cel !== "string")
      throw new OptionError("an expression of CEL is a text", ["cel"], { hint: "Quote it." });
    const evaluate = atOption(["cel"], () => compileCel(cel));
    const read = reading(cel);
    return (draft, failure) => evaluate(read(draft), failure && { failure });
  }
  const members = Object.entries(value as Readonly<Record<string, Json>>).map(
    ([key, inner]) => [key, atOption([key], () => valueIn(inner))] as const,
  );
  return (draft, failure) => Object.fromEntries(members.map(([key, inner]) => [key, inner(draft, failure)]));
};

/** What a template or an expression reads of an event. */
const reading = (text: string): ((draft: Draft) => Data) =>
  readsMeta(text) ? (draft) => draft.readable : (draft) => draft.data;
