/** Keys and list positions from the options of a component to a value. */
export type OptionPath = readonly (string | number)[];

/** Identifies errors of this class across several copies of this package, where `instanceof` would fail. */
const brand = Symbol.for("weir.OptionError");

/**
 * Thrown while a component is built, for an option whose value cannot be used: the problem then points at the value in the
 * pipeline file. `message` is a sentence without its full stop.
 */
export class OptionError extends Error {
  readonly [brand] = true;
  readonly path: OptionPath;
  /** Where in a text value, in UTF-16 units. */
  readonly offset: number | undefined;
  /** The way out, as a sentence. */
  readonly hint: string | undefined;

  constructor(
    message: string,
    path: OptionPath,
    { offset, hint }: { readonly offset?: number | undefined; readonly hint?: string | undefined } = {},
  ) {
    super(message);
    this.name = "OptionError";
    this.path = path;
    this.offset = offset;
    this.hint = hint;
  }
}

export const isOptionError = (error: unknown): error is OptionError =>
  typeof error === "object" && error !== null && (error as { [brand]?: unknown })[brand] === true;

/**
 * Calls a function that builds something from the value at `path`. What it throws becomes an `OptionError` there, with its
 * `offset` and `hint`; the path of an `OptionError` is taken as one from that value on.
 */
export const atOption = <T>(path: OptionPath, build: () => T): T => {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { offset, hint } = error as { readonly offset?: number; readonly hint?: string };
    throw new OptionError(error.message, [...path, ...(isOptionError(error) ? error.path : [])], { offset, hint });
  }
};
