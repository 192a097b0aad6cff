import { LinearRegex } from "weir/regex";

/** Something to find in texts. */
export interface Secret {
  /** A cheap test that fails for most texts without it. */
  readonly hint?: (text: string) => boolean;
  readonly regex: LinearRegex;
  /** Where in a match the secrets are, from and to; the whole of it by default. */
  readonly within?: (match: string) => readonly (readonly [from: number, to: number])[];
  /** The group that is the secret; 0, the whole match, by default. */
  readonly group?: number;
}

/** The longest number of a card, in digits. */
const mostDigits = 19;

/** Whether the last digit of a card number fits the others (ISO/IEC 7812-1). */
const hasLuhnDigit = (text: string): boolean => {
  const digits = [...text.replace(/\D/g, "")].map(Number).reverse();
  const sum = digits.reduce((total, digit, index) => {
    const value = index % 2 === 1 ? digit * 2 : digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return digits.length >= 13 && digits.length <= mostDigits && sum % 10 === 0;
};

/** The cards in digits with spaces and hyphens between them, beside which other numbers may be. */
const cardsIn = (text: string): readonly (readonly [from: number, to: number])[] => {
  const runs = [...text.matchAll(/\d+/g)].map(({ index, 0: run }) => ({ from: index, to: index + run.length }));
  const found: (readonly [from: number, to: number])[] = [];
  for (let first = 0; first < runs.length; first++) {
    const { from } = runs[first]!;
    let last = first;
    for (let digits = 0; last < runs.length; last++) {
      digits += runs[last]!.to - runs[last]!.from;
      if (digits > mostDigits) break;
    }
    // The longest one that is a card.
    while (--last >= first && !hasLuhnDigit(text.slice(from, runs[last]!.to)));
    if (last < first) continue;
    found.push([from, runs[last]!.to]);
    first = last;
  }
  return found;
};

/** What comes with weir, by name; made when it is used, because that takes time. */
export const knownSecrets: Readonly<Record<string, () => Secret>> = {
  bearer_token: () => ({
    hint: (text) => /bearer/i.test(text),
    regex: new LinearRegex("\\bbearer\\s+([A-Za-z0-9._~+/-]+=*)", { ignoreCase: true }),
    group: 1,
  }),
  basic_auth: () => ({
    hint: (text) => /basic/i.test(text),
    regex: new LinearRegex("\\bbasic\\s+([A-Za-z0-9+/]{8,}=*)", { ignoreCase: true }),
    group: 1,
  }),
  jwt: () => ({
    hint: (text) => text.includes("eyJ"),
    regex: new LinearRegex("\\beyJ[A-Za-z0-9_-]+\\.eyJ[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*"),
  }),
  credit_card: () => ({
    hint: (text) => /\d{3}/.test(text),
    regex: new LinearRegex("(?<![0-9])[0-9](?:[ -]?[0-9]){12,}(?![0-9])"),
    within: cardsIn,
  }),
  email: () => ({
    hint: (text) => text.includes("@"),
    regex: new LinearRegex("\\b[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+\\b"),
  }),
  url_password: () => ({
    hint: (text) => text.includes("@") && text.includes("://"),
    regex: new LinearRegex("://[^/\\s:@]*:([^/\\s@]+)@"),
    group: 1,
  }),
  private_key: () => ({
    hint: (text) => text.includes("PRIVATE KEY"),
    regex: new LinearRegex(
      "-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\\s\\\\]*(?:-----END [A-Z ]*PRIVATE KEY-----)?",
    ),
  }),
};

/** The text with every secret replaced; the same text if it has none. */
export const withoutSecret = (
  text: string,
  { hint, regex, within, group = 0 }: Secret,
  by: (secret: string) => string,
): string => {
  if (hint && !hint(text)) return text;
  return regex.replace(text, (match) => {
    const whole = match.group(0)!;
    const [from, to] = match.span(group) ?? [match.start, match.end];
    const spans = within?.(whole) ?? [[from - match.start, to - match.start] as const];
    let done = 0;
    const parts = spans.map(([first, end]) => {
      const before = whole.slice(done, first);
      done = end;
      return before + by(whole.slice(first, end));
    });
    return parts.join("") + whole.slice(done);
  });
};
