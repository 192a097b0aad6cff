import type { Delivery, Option } from "weir";
import { option } from "weir";
import { Template, TemplateError, templatePattern } from "weir/fields";

/** Characters that the name of an index cannot have; see Elasticsearch's reference of the create index API. */
const plain = String.raw`[^\{\}A-Z\\/*?"<>|\s,#:]`;

/** The name of an index or data stream, which begins with a character of its own. */
export const indexNameOption: Option<string> = {
  ...option.text("Name of the data stream or index. `{{ field }}` inserts a field of the event, in lower case.", {
    default: "logs-weir-default",
    examples: ["logs-{{ data_stream.dataset:-generic }}-default"],
  }),
  title: "the name of an index in lower case, with placeholders such as {{ field }} anywhere but at the beginning",
  pattern: `^(?![-_+.])${plain}${templatePattern(plain)}$`,
};

/** The index that an event goes to. */
export class IndexName {
  readonly #template: Template;

  constructor(text: string) {
    this.#template = new Template(text);
  }

  /** Which indices there can be, as a pattern of Elasticsearch. */
  get pattern(): string {
    return this.#template.sample("*").replace(/\*+/g, "*");
  }

  /** Throws a TemplateError if the event has no value for a placeholder, or one that cannot be part of a name. */
  render({ data, meta }: Pick<Delivery, "data" | "meta">): string {
    if (this.#template.fixed !== undefined) return this.#template.fixed;
    const name = this.#template.render(data, (value) => value.toLowerCase(), meta);
    if (/[\\/*?"<>|\s,#:]/.test(name) || !name.isWellFormed())
      throw new TemplateError(
        `"${name.slice(0, 100)}" cannot be the name of an index: it contains a character that is not allowed`,
      );
    if (Buffer.byteLength(name) > 255)
      throw new TemplateError(`"${name.slice(0, 40)}…" is too long for the name of an index: the limit is 255 bytes`);
    return name;
  }
}
