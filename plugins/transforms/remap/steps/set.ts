import { type Data, type Json, option } from "weir";
import { CelError, compileCel } from "weir/cel";
import { isObject, Template, TemplateError, writePath } from "weir/fields";
import { type Action, defineStep, type StepFailure } from "../step.ts";
import { fieldNames } from "./fields.ts";

export const set = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    "Fields, each with its value. In a text, `{{ field }}` stands for a value of the event, and `{{ field:-other }}` has a default. `{ cel: … }` computes the value by an expression of CEL, in which the fields of the event are variables.",
  ),
  compile: (values) => Object.entries(values).map(([field, value]) => setting(field, value)),
});

const setting = (field: string, value: Json): Action => {
  const path = writePath(field);
  const make = valueIn(value);
  return (draft, { failure }) => {
    const made = madeBy(make, draft.data, failure);
    if ("failed" in made) return made;
    draft.set(path, made.value);
    return undefined;
  };
};

/** The value, or why there is none for this event. */
export const madeBy = (
  make: Maker,
  data: Data,
  failure: StepFailure | undefined,
): { readonly value: Json } | { readonly failed: string } => {
  try {
    return { value: make(data, failure) };
  } catch (error) {
    if (error instanceof TemplateError || error instanceof CelError) return { failed: error.message };
    throw error;
  }
};

/** Makes a value for an event; throws a `TemplateError` or a `CelError`. */
export type Maker = (data: Data, failure?: StepFailure) => Json;

/** A value as it is written, with templates and expressions in it. */
export const valueIn = (value: Json): Maker => {
  if (typeof value === "string" && value.includes("{{")) {
    const template = new Template(value);
    return (data) => template.render(data, (text) => text);
  }
  if (Array.isArray(value)) {
    const items = value.map(valueIn);
    return (data, failure) => items.map((item) => item(data, failure));
  }
  // YAML has `.nan` and `.inf`.
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`${value} is no number that JSON has`);
  if (!isObject(value)) return () => value;
  if (typeof value["cel"] === "string" && Object.keys(value).length === 1) {
    const evaluate = compileCel(value["cel"]);
    return (data, failure) => evaluate(data, failure && { failure });
  }
  const members = Object.entries(value as Readonly<Record<string, Json>>).map(
    ([key, inner]) => [key, valueIn(inner)] as const,
  );
  return (data, failure) => Object.fromEntries(members.map(([key, inner]) => [key, inner(data, failure)]));
};
