/** What is known of a group of alerts since the first of them passed. Times are in milliseconds since 1970. */
export interface Held {
  /** When the first one passed: the window begins. */
  readonly start: number;
  /** How many passed. */
  readonly passed: number;
  /** How many were held back, and when the last of them came. */
  readonly held: number;
  readonly last: number;
  /** The id of the first alert. */
  readonly alert: string;
  /** What the alerts of the group share, for people: not all of a long list, and not the whole of a long text. */
  readonly terms: readonly Term[];
}

/** The values of a field. */
export interface Term {
  readonly field: string;
  readonly value: readonly string[];
}

/** All numbers have as many digits, so that a group that is known never needs more room than it has. */
const digits = 16;

/** How much of a value is kept, in UTF-16 units, and of how many values. */
const [longest, mostValues] = [256, 10];

/** The values of a field, as far as they are kept. */
export const shownTerm = (field: string, values: readonly string[]): Term => ({
  field,
  value: values.slice(0, mostValues).map((value) => value.slice(0, longest).toWellFormed()),
});

export const encodeHeld = ({ start, passed, held, last, alert, terms }: Held): string =>
  JSON.stringify([
    ...[start, passed, held, last].map((number) => String(number).padStart(digits, "0")),
    alert,
    ...terms.map(({ field, value }) => [field, ...value]),
  ]);

export const decodeHeld = (text: string): Held => {
  const [start, passed, held, last, alert, ...terms] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    string,
    ...[field: string, ...value: string[]][],
  ];
  const numbers = { start: Number(start), passed: Number(passed), held: Number(held), last: Number(last) };
  return { ...numbers, alert, terms: terms.map(([field, ...value]) => ({ field, value })) };
};
