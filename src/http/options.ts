import { type Option, option } from "../option/option.ts";
import { originPattern, portPattern } from "./url-pattern.ts";

interface Extras {
  readonly default?: string;
  readonly examples?: readonly string[];
}

/** A text option with a pattern; `title` describes the pattern in words. */
export const formed =
  (title: string, pattern: string) =>
  (description: string, extras: Extras = {}): Option<string> => ({
    ...option.text(description, extras),
    title,
    pattern,
  });

/** Where a server listens: `host:port`, an IPv6 address in brackets; port 0 is any free port. */
export const addressOption = (description: string, extras?: Extras): Option<string> => ({
  ...address(description, extras),
  kind: "address",
});

const address = formed(
  "an address and a port such as 127.0.0.1:8080 or [::1]:8080",
  `^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):${portPattern}$`,
);

/** An http or https URL without user, password or fragment. */
export const urlOption = formed("a URL such as https://example.org/events", `^${originPattern}([/?][^\\s#]*)?$`);

/** Headers that weir sets itself. */
const reserved = ["connection", "content-encoding", "content-length", "host", "transfer-encoding"];

const anyCase = (word: string): string =>
  [...word].map((letter) => (letter === "-" ? letter : `[${letter}${letter.toUpperCase()}]`)).join("");

/** Names of request headers that may be set, as a JSON Schema pattern. */
export const headerNamePattern = `^(?!(?:${reserved.map(anyCase).join("|")})$)[A-Za-z0-9!#$%&'*+.^_\`|~\\-]+$`;

type Headers = Readonly<Record<string, string>>;

/** Request headers by name, with values of the given form; never printed, since they may hold keys. */
export const headersOptionOf =
  (form: { readonly title: string; readonly pattern: string }) =>
  (description: string, examples: readonly Headers[]): Option<Headers> => ({
    ...option.map((what): Option<string> => ({ ...option.secret(what), ...form }), {
      title: "the name of a header that may be set: weir sets Host, Content-Length and the like itself",
      pattern: headerNamePattern,
    })(description, { default: {}, examples }),
    holds: "headers",
  });

const plainHeaders = headersOptionOf({ title: "printable ASCII text", pattern: "^[ -~]+$" });

/** Request headers with literal values. */
export const requestHeadersOption = (description: string): Option<Headers> =>
  plainHeaders(`${description} Never printed.`, [{ "X-Team": "press" }]);
