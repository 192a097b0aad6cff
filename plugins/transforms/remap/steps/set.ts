import { type Data, type Json, option } from "weir";
import { CelError, compileCel } from "weir/cel";
import { isObject, Template, TemplateError, writePath } from "weir/fields";
import { atOption, OptionError } from "weir/transform";
import { type Action, defineStep, type StepFailure } from "../step.ts";
import { fieldNames } from "./fields.ts";

export const set = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    "Fields, each with its value. In a text, `{{ field }}` stands for a value of the event, and `{{ field:-other }}` has a default. `{ cel: … }` computes the value by an expression of CEL, in which the fields of the event are variables.",
  ),
  compile: (values) => Object.entries(values).map(([field, value]) => atOption([field], () => setting(field, value))),
});

const setting = (field: string, value: Json): Action => {
  const path = writePath(field);
  const make = valueIn(value);
  return (draft, { failure }) => {
    try {
      draft.set(path, make(draft.data, failure));
      return undefined;
    } catch (error) {
      if (error instanceof TemplateError || error instanceof CelError) return { failed: error.message };
      throw error;
    }
  };
};

type Maker = (data: Data, failure?: StepFailure) => Json;

const valueIn = (value: Json): Maker => {
  if (typeof value === "string" && value.includes("{{")) {
    const template = new Template(value);
    return (data) => template.render(data, (text) => text);
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => atOption([index], () => valueIn(item)));
    return (data, failure) => items.map((item) => item(data, failure));
  }
  if (!isObject(value)) return () => value;
  const { cel } = value;
  if (cel !== undefined && Object.keys(value).length === 1) {
    if (typeof cel !== "string")
      throw new OptionError("an expression of CEL is a text", ["cel"], { hint: "Quote it." });
    const evaluate = atOption(["cel"], () => compileCel(cel));
    return (data, failure) => evaluate(data, failure && { failure });
  }
  const members = Object.entries(value as Readonly<Record<string, Json>>).map(
    ([key, inner]) => [key, atOption([key], () => valueIn(inner))] as const,
  );
  return (data, failure) => Object.fromEntries(members.map(([key, inner]) => [key, inner(data, failure)]));
};
