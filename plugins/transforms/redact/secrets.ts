import { LinearRegex, type Match } from "weir/regex";

/** Something to find in texts. */
export interface Secret {
  /** A cheap test that fails for most texts without it. */
  readonly hint?: (text: string) => boolean;
  readonly regex: LinearRegex;
  /** Whether a match is one. */
  readonly accepts?: (match: Match) => boolean;
  /** The group that is the secret; 0, the whole match, by default. */
  readonly group?: number;
}

/** Whether the last digit of a card number fits the others (ISO/IEC 7812-1). */
const hasLuhnDigit = (text: string): boolean => {
  const digits = [...text.replace(/\D/g, "")].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const value = index % 2 === 1 ? digit * 2 : digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits.length >= 13 && digits.length <= 19 && sum % 10 === 0;
};

/** What comes with weir, by name. */
export const knownSecrets: Readonly<Record<string, Secret>> = {
  bearer_token: {
    hint: (text) => /bearer/i.test(text),
    regex: new LinearRegex("\\bbearer\\s+([A-Za-z0-9._~+/-]+=*)", { ignoreCase: true }),
    group: 1,
  },
  basic_auth: {
    hint: (text) => /basic/i.test(text),
    regex: new LinearRegex("\\bbasic\\s+([A-Za-z0-9+/]{8,}=*)", { ignoreCase: true }),
    group: 1,
  },
  jwt: {
    hint: (text) => text.includes("eyJ"),
    regex: new LinearRegex("\\beyJ[A-Za-z0-9_-]+\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*"),
  },
  credit_card: {
    hint: (text) => /\d{3}/.test(text),
    regex: new LinearRegex("(?<![0-9])[0-9](?:[ -]?[0-9]){12,18}(?![0-9])"),
    accepts: (match) => hasLuhnDigit(match.group(0)!),
  },
  email: {
    hint: (text) => text.includes("@"),
    regex: new LinearRegex("\\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+\\b"),
  },
  url_password: {
    hint: (text) => text.includes("@") && text.includes("://"),
    regex: new LinearRegex("://[^/\\s:@]*:([^/\\s@]+)@"),
    group: 1,
  },
  private_key: {
    hint: (text) => text.includes("PRIVATE KEY"),
    regex: new LinearRegex(
      "-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    ),
  },
};

/** The text with every secret replaced; the same text if it has none. */
export const withoutSecret = (
  text: string,
  { hint, regex, accepts, group = 0 }: Secret,
  by: (secret: string) => string,
): string => {
  if (hint && !hint(text)) return text;
  return regex.replace(text, (match) => {
    const whole = match.group(0)!;
    if (accepts && !accepts(match)) return whole;
    const [from, to] = match.span(group) ?? [match.start, match.end];
    return whole.slice(0, from - match.start) + by(text.slice(from, to)) + whole.slice(to - match.start);
  });
};
