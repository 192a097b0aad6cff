import type { Delivery } from "weir";
import type { Template } from "weir/fields";

/** Texts with values of the event, by name. */
export class TextTemplates {
  readonly #templates: readonly (readonly [name: string, template: Template])[];

  constructor(templates: Readonly<Record<string, Template>>) {
    this.#templates = Object.entries(templates);
  }

  /** The texts that are not empty. Throws a TemplateError. */
  render({ data, meta }: Pick<Delivery, "data" | "meta">): Record<string, string> {
    const texts = this.#templates.map(
      ([name, template]) => [name, template.render(data, (value) => value.toWellFormed(), meta)] as const,
    );
    return Object.fromEntries(texts.filter(([, text]) => text !== ""));
  }
}
