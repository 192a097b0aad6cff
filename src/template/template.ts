import type { Meta } from "../event.ts";
import { compilePath, type Field } from "../fields/path.ts";
import type { Data } from "../json.ts";
import { readsMeta, withMeta } from "../origin/meta-view.ts";

/** One placeholder: `{{ field }}`, or `{{ field:-otherwise }}` for events without a value. */
const placeholder = String.raw`\{\{\s*[^\s\{\}:]+(?::-[^\{\}]*|\s*)\}\}`;

/** A JSON Schema pattern, without anchors, for templates; `plain` matches one character outside placeholders, braces aside. */
export const templatePattern = (plain = String.raw`[^\{\}]`): string =>
  String.raw`(?:${placeholder}|${plain}|\{(?!\{)|\}(?!\}))*`;

/** Thrown when an event has no text for a placeholder, or one that is not allowed there. */
export class TemplateError extends Error {}

type Part = string | Placeholder;
interface Placeholder {
  readonly name: string;
  readonly field: Field;
  readonly otherwise: string | undefined;
}

/** Text with placeholders for an event's values: `{{ data_stream.dataset }}`, `{{ labels.team:-nobody }}`. */
export class Template {
  readonly #parts: readonly Part[];
  readonly #readsMeta: boolean;

  /** Throws a SyntaxError for a malformed placeholder. */
  constructor(text: string) {
    if (!new RegExp(`^${templatePattern()}$`, "u").test(text))
      throw new SyntaxError(`"${text}" has a malformed placeholder; write {{ field }} or {{ field:-otherwise }}`);
    this.#parts = text
      .split(new RegExp(`(${placeholder})`, "u"))
      .map((part, index) => (index % 2 ? parse(part) : part));
    this.#readsMeta = readsMeta(text);
  }

  /** The text, if it is the same for every event. */
  get fixed(): string | undefined {
    return this.#parts.every((part) => typeof part === "string") ? this.#parts.join("") : undefined;
  }

  /** The text with the same value in every placeholder. */
  sample(text: string): string {
    return this.#parts.map((part) => (typeof part === "string" ? part : text)).join("");
  }

  /**
   * The text with the event's values, each escaped by `quote`. `meta`: of the event, for placeholders such as
   * `{{ _meta.source }}`. Throws a TemplateError.
   */
  render(data: Data, quote: (value: string) => string, meta?: Meta): string {
    const read = meta && this.#readsMeta ? withMeta(data, meta) : data;
    return this.#parts.map((part) => (typeof part === "string" ? part : quote(textFor(part, read)))).join("");
  }
}

const parse = (text: string): Placeholder => {
  const [name = "", ...rest] = text.slice(2, -2).trim().split(":-");
  return { name, field: compilePath(name), otherwise: rest.length > 0 ? rest.join(":-") : undefined };
};

const textFor = ({ name, field, otherwise }: Placeholder, data: Data): string => {
  const values = field.values(data);
  if (values.length > 1) throw new TemplateError(`"${name}" has ${values.length} values, but a placeholder takes one`);
  const text = values.length === 0 || values[0] === "" ? otherwise : String(values[0]);
  if (text === undefined) throw new TemplateError(`"${name}" has no value; {{ ${name}:-otherwise }} sets a default`);
  return text;
};
