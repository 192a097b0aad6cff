import { headerNamePattern, headersOptionOf } from "../http/options.ts";
import { type Option, option } from "../option/option.ts";
import { headerValuePattern } from "./header-templates.ts";
import { urlPattern } from "./url-template.ts";

const withPattern = <T>(inner: Option<T>, title: string, pattern: string): Option<T> => ({ ...inner, title, pattern });

const urlTitle = "an http:// or https:// URL, with placeholders such as {{ field }} only after its host";

/** A URL with values of the event; see `UrlTemplate`. */
export const urlTemplateOption = (description: string, examples: readonly string[]): Option<string> =>
  withPattern(option.text(description, { examples }), urlTitle, urlPattern);

/** The same for a URL that is itself a secret. */
export const secretUrlOption = (description: string, examples: readonly string[]): Option<string> =>
  withPattern(option.secret(description, { examples }), urlTitle, urlPattern);

/** Headers by name, with values of the event; see `HeaderTemplates`. */
export const headersOption = headersOptionOf({
  title: "printable ASCII text, with placeholders such as {{ field }}",
  pattern: headerValuePattern,
})("Additional request headers by name; `{{ field }}` inserts a field of the event. Never printed.", [
  { "X-Team": "{{ labels.team:-none }}" },
]);

/** The name of a header, for an option of its own. */
export const headerNameOption = (description: string, byDefault: string): Option<string> => ({
  ...withPattern(option.text(description, { default: byDefault }), "the name of a header", headerNamePattern),
  holds: "header",
});

/** More statuses that mean the receiver will never accept the events; see `judge`. */
export const finalStatusesOption = option.list((description) =>
  option.integer(description, { minimum: 400, maximum: 599 }),
)("Additional statuses that mean the receiver will never accept an event: it goes to the dead letter.", {
  default: [],
  examples: [[404, 410]],
});
