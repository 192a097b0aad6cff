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
  /** The values of the group, for people: not all of a long list, and not the whole of a long text. */
  readonly values: readonly (readonly string[])[];
}

/** All numbers have as many digits, so that a group that is known never needs more room than it has. */
const digits = 16;

/** How much of a value is kept, in UTF-16 units, and of how many values. */
const [longest, mostValues] = [256, 10];

/** The part of the values that is kept. */
export const shownValues = (values: readonly (readonly string[])[]): Held["values"] =>
  values.map((list) => list.slice(0, mostValues).map((value) => value.slice(0, longest).toWellFormed()));

export const encodeHeld = ({ start, passed, held, last, alert, values }: Held): string =>
  JSON.stringify([
    ...[start, passed, held, last].map((number) => String(number).padStart(digits, "0")),
    alert,
    ...values,
  ]);

export const decodeHeld = (text: string): Held => {
  const [start, passed, held, last, alert, ...values] = JSON.parse(text) as [
    string,
    string,
    string,
    string,
    string,
    ...Held["values"][number][],
  ];
  return { start: Number(start), passed: Number(passed), held: Number(held), last: Number(last), alert, values };
};
