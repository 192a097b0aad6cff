import { type Option, option } from "../option/option.ts";
import { originPattern, portPattern } from "./url-pattern.ts";

interface Extras {
  readonly default?: string;
  readonly examples?: readonly string[];
}

/** A text option with a form of its own; `title` says in words what is wanted. */
export const formed =
  (title: string, pattern: string) =>
  (description: string, extras: Extras = {}): Option<string> => ({
    ...option.text(description, extras),
    title,
    pattern,
  });

/** Where a server listens: `host:port`, an IPv6 address in brackets; port 0 is any that is free. */
export const addressOption = formed(
  "an address and a port such as 127.0.0.1:8080 or [::1]:8080",
  `^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):${portPattern}$`,
);

/** An http or https URL without user, password or fragment. */
export const urlOption = formed("a URL such as https://example.org/events", `^${originPattern}([/?][^\\s#]*)?$`);

/** Headers that follow from the request itself. */
const reserved = ["connection", "content-encoding", "content-length", "host", "transfer-encoding"];

const anyCase = (word: string): string =>
  [...word].map((letter) => (letter === "-" ? letter : `[${letter}${letter.toUpperCase()}]`)).join("");

/** What a header of a request may be called, as a JSON Schema pattern. */
export const headerNamePattern = `^(?!(?:${reserved.map(anyCase).join("|")})$)[A-Za-z0-9!#$%&'*+.^_\`|~\\-]+$`;

type Headers = Readonly<Record<string, string>>;

/** Headers of a request, by name, each of a form of its own; never printed, as they may hold keys. */
export const headersOptionOf =
  (form: { readonly title: string; readonly pattern: string }) =>
  (description: string, examples: readonly Headers[]): Option<Headers> => ({
    ...option.map((what): Option<string> => ({ ...option.secret(what), ...form }), {
      title: "the name of a header that may be set: Host, Content-Length and the like follow from the request",
      pattern: headerNamePattern,
    })(description, { default: {}, examples }),
    holds: "headers",
  });

const plainHeaders = headersOptionOf({ title: "printable ASCII text", pattern: "^[ -~]+$" });

/** Headers of a request, as they are written. */
export const requestHeadersOption = (description: string): Option<Headers> =>
  plainHeaders(`${description} Never printed.`, [{ "X-Team": "press" }]);
