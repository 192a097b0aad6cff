import { type Option, option } from "../option.ts";

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

/** 0 to 65535. */
const portPattern = "([0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";

/** Where a server listens: `host:port`, an IPv6 address in brackets; port 0 is any that is free. */
export const addressOption = formed(
  "an address and a port such as 127.0.0.1:8080 or [::1]:8080",
  `^(\\[[0-9a-fA-F:.]+\\]|[^\\s:/\\[\\]]+):${portPattern}$`,
);

/** An http or https URL without user, password or fragment. */
export const urlOption = formed("a URL such as https://example.org/events", "^https?://[^\\s/?#@]+([/?][^\\s#]*)?$");

/** Request headers by name; never printed, as they may hold keys. */
export const requestHeadersOption = (description: string): Option<Readonly<Record<string, string>>> =>
  option.map(option.secret, { title: "a header such as Accept", pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" })(
    description,
    {
      default: {},
    },
  );
