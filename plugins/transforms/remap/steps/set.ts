import { type Json, option } from "weir";
import { isObject, Template, TemplateError, writePath } from "weir/fields";
import { type Action, defineStep } from "../step.ts";
import { fieldNames } from "./fields.ts";

export const set = defineStep({
  option: option.map(
    option.json,
    fieldNames,
  )(
    "Fields, each with its value. In a text, `{{ field }}` stands for a value of the event, and `{{ field:-other }}` has a default.",
  ),
  compile: (values) => Object.entries(values).map(([field, value]) => setting(field, value)),
});

const setting = (field: string, value: Json): Action => {
  const path = writePath(field);
  const make = valueIn(value);
  return (draft) => {
    try {
      draft.set(path, make(draft.data));
      return undefined;
    } catch (error) {
      if (error instanceof TemplateError) return { failed: error.message };
      throw error;
    }
  };
};

type Maker = (data: Parameters<Template["render"]>[0]) => Json;

const valueIn = (value: Json): Maker => {
  if (typeof value === "string" && value.includes("{{")) {
    const template = new Template(value);
    return (data) => template.render(data, (text) => text);
  }
  if (Array.isArray(value)) {
    const items = value.map(valueIn);
    return (data) => items.map((item) => item(data));
  }
  if (!isObject(value)) return () => value;
  const members = Object.entries(value as Readonly<Record<string, Json>>).map(
    ([key, inner]) => [key, valueIn(inner)] as const,
  );
  return (data) => Object.fromEntries(members.map(([key, inner]) => [key, inner(data)]));
};
