import { compilePath, type Field } from "../fields/path.ts";
import type { Data } from "../json.ts";

/** One placeholder: `{{ field }}`, or `{{ field:-otherwise }}` for events without a value. */
const placeholder = String.raw`\{\{\s*[^\s\{\}:]+(?::-[^\{\}]*)?\s*\}\}`;

/** What a template matches, as a JSON Schema pattern without anchors; `plain` is what one character outside of placeholders may be, apart from braces. */
export const templatePattern = (plain = String.raw`[^\{\}]`): string =>
  String.raw`(?:${placeholder}|${plain}|\{(?!\{)|\}(?!\}))*`;

/** An event has no text for a placeholder, or one that may not stand there. */
export class TemplateError extends Error {}

type Part = string | Placeholder;
interface Placeholder {
  readonly name: string;
  readonly field: Field;
  readonly otherwise: string | undefined;
}

/** Text with places for an event's values: `{{ data_stream.dataset }}`, `{{ labels.team:-nobody }}`. */
export class Template {
  readonly #parts: readonly Part[];

  /** Throws a SyntaxError with what is wanted when a placeholder is none. */
  constructor(text: string) {
    if (!new RegExp(`^${templatePattern()}$`, "u").test(text))
      throw new SyntaxError(`"${text}" has a placeholder that is not like {{ field }} or {{ field:-otherwise }}`);
    this.#parts = text
      .split(new RegExp(`(${placeholder})`, "u"))
      .map((part, index) => (index % 2 ? parse(part) : part));
  }

  /** The text itself, when it is the same for every event. */
  get fixed(): string | undefined {
    return this.#parts.every((part) => typeof part === "string") ? this.#parts.join("") : undefined;
  }

  /** With the same text for every placeholder: what it looks like. */
  sample(text: string): string {
    return this.#parts.map((part) => (typeof part === "string" ? part : text)).join("");
  }

  /** With the event's values, each made fit for its place by `quote`. Throws a TemplateError. */
  render(data: Data, quote: (value: string) => string): string {
    return this.#parts.map((part) => (typeof part === "string" ? part : quote(textFor(part, data)))).join("");
  }
}

const parse = (text: string): Placeholder => {
  const [name = "", ...rest] = text.slice(2, -2).trim().split(":-");
  return { name, field: compilePath(name), otherwise: rest.length > 0 ? rest.join(":-") : undefined };
};

const textFor = ({ name, field, otherwise }: Placeholder, data: Data): string => {
  const values = field.values(data);
  if (values.length > 1)
    throw new TemplateError(`"${name}" has ${values.length} values, and a template has room for one`);
  const text = values.length === 0 || values[0] === "" ? otherwise : String(values[0]);
  if (text === undefined) throw new TemplateError(`"${name}" has no value; {{ ${name}:-otherwise }} gives it one`);
  return text;
};
