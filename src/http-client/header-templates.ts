import type { Meta } from "../event.ts";
import type { Data } from "../json.ts";
import { Template, templatePattern } from "../template/template.ts";

/** Allowed header values: printable ASCII and placeholders, as a JSON Schema pattern. */
export const headerValuePattern = `^${templatePattern("[ -z|~]")}$`;

/** Headers with values of the event, by name in lower case. */
export class HeaderTemplates {
  readonly #templates: readonly (readonly [name: string, template: Template])[];

  constructor(headers: Readonly<Record<string, string>>) {
    this.#templates = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), new Template(text)]);
  }

  /** Percent-encodes everything in a value but printable ASCII, so that it cannot end the header. Throws a TemplateError. */
  render(data: Data, meta?: Meta): Record<string, string> {
    return Object.fromEntries(
      this.#templates.map(([name, template]) => [name, template.render(data, printable, meta)]),
    );
  }
}

const printable = (value: string): string => value.toWellFormed().replace(/[^ -~]+/gu, encodeURIComponent);
