import type { Data } from "../json.ts";
import { Template, templatePattern } from "../template/template.ts";

/** What a header may hold: printable ASCII and placeholders, as a JSON Schema pattern. */
export const headerValuePattern = `^${templatePattern("[ -z|~]")}$`;

/** Headers with an event's values in them, by name in lower case. */
export class HeaderTemplates {
  readonly #templates: readonly (readonly [name: string, template: Template])[];

  constructor(headers: Readonly<Record<string, string>>) {
    this.#templates = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), new Template(text)]);
  }

  /** What is not printable ASCII in a value is percent-encoded: it cannot end the header. Throws a TemplateError. */
  render(data: Data): Record<string, string> {
    return Object.fromEntries(this.#templates.map(([name, template]) => [name, template.render(data, printable)]));
  }
}

const printable = (value: string): string => value.toWellFormed().replace(/[^ -~]+/gu, encodeURIComponent);
