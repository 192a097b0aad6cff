import type { Meta } from "../event.ts";
import { originPattern } from "../http/url-pattern.ts";
import type { Data } from "../json.ts";
import { Template, TemplateError, templatePattern } from "../template/template.ts";

/** A URL without credentials or fragment, and with placeholders only after its host, as a JSON Schema pattern. */
export const urlPattern = `^${originPattern}(?:[/?]${templatePattern(String.raw`[^\{\}\s#\\]`)})?$`;

/** A URL with values of the event in its path and query; a value can change neither the host nor the depth of the path. */
export class UrlTemplate {
  /** Scheme, host and port, for messages: a path or a query can hold secrets. */
  readonly origin: string;
  readonly #template: Template;
  readonly #dots: number;

  /** Throws a SyntaxError or a TypeError when the text is not such a URL. */
  constructor(text: string) {
    if (!new RegExp(urlPattern, "u").test(text)) throw new SyntaxError(`"${text}" is not a URL with a literal host`);
    this.#template = new Template(text);
    const sample = this.#template.sample("x");
    this.origin = new URL(sample).origin;
    this.#dots = dotSegments(sample);
  }

  /** Percent-encodes the values. Throws a TemplateError for a value that is missing, or would change the path (`.` or `..`). */
  render(data: Data, meta?: Meta): string {
    const text = this.#template.render(data, (value) => encodeURIComponent(value.toWellFormed()), meta);
    if (dotSegments(text) !== this.#dots)
      throw new TemplateError(`a value of "." or ".." would change the path of the URL`);
    return text;
  }
}

/** How many segments a URL parser resolves away, as `.` or `..`. */
const dotSegments = (url: string): number =>
  url
    .split("?")[0]!
    .split("/")
    .filter((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)).length;
