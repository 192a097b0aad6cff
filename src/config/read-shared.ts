import type { Config } from "../option/option.ts";
import { checkOptions } from "./check.ts";
import { coerce } from "./coerce.ts";
import { decode } from "./decode.ts";
import { maskValues } from "./mask.ts";
import type { FileReading } from "./reading.ts";
import { sharedOptions } from "./shared-options.ts";

/** What a pipeline says about all of its components, checked. */
export interface SharedValues {
  readonly decoded: Config<typeof sharedOptions>;
  /** The same as it may be printed. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Reads the options at the top of a pipeline; empty if they have errors, which are reported. */
export const readShared = (root: Readonly<Record<string, unknown>>, reading: FileReading): SharedValues => {
  const written = Object.entries(root).filter(([key]) => Object.hasOwn(sharedOptions, key));
  const values = coerce(sharedOptions, structuredClone(Object.fromEntries(written)), [], reading);
  if (!checkOptions(sharedOptions, values, { name: "the pipeline", path: [] }, reading))
    return { decoded: {}, shown: {} };
  return {
    decoded: decode(sharedOptions, values, [], reading) as Config<typeof sharedOptions>,
    shown: maskValues(sharedOptions, values, [], reading),
  };
};
