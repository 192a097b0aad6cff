import { originPattern } from "../http/url-pattern.ts";
import type { Data } from "../json.ts";
import { Template, TemplateError, templatePattern } from "../template/template.ts";

/** A URL with placeholders after its host only, without credentials and without a fragment, as a JSON Schema pattern. */
export const urlPattern = `^${originPattern}(?:[/?]${templatePattern(String.raw`[^\{\}\s#\\]`)})?$`;

/** A URL with an event's values in its path and query, confined to the host and the path segments that are written. */
export class UrlTemplate {
  /** Scheme, host and port: what may be said in messages, since a path or a query can hold secrets. */
  readonly origin: string;
  readonly #template: Template;
  readonly #dots: number;

  /** Throws a SyntaxError or a TypeError when the text is no such URL. */
  constructor(text: string) {
    if (!new RegExp(urlPattern, "u").test(text)) throw new SyntaxError(`"${text}" is not a URL with a literal host`);
    this.#template = new Template(text);
    const sample = this.#template.sample("x");
    this.origin = new URL(sample).origin;
    this.#dots = dotSegments(sample);
  }

  /** Values are percent-encoded. Throws a TemplateError for an event that has none, or one that would leave its place. */
  render(data: Data): string {
    const text = this.#template.render(data, (value) => encodeURIComponent(value.toWellFormed()));
    if (dotSegments(text) !== this.#dots)
      throw new TemplateError(`a value of "." or ".." would leave its place in the path of the URL`);
    return text;
  }
}

/** Segments that a URL parser takes away, together with what stands before them. */
const dotSegments = (url: string): number =>
  url
    .split("?")[0]!
    .split("/")
    .filter((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)).length;
