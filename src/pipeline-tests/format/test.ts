import type { Data } from "../../json.ts";

/** A test of a pipeline, read and checked. Times are in milliseconds. */
export interface PipelineTest {
  readonly name: string;
  /** The file that it is in, as it was named on the command line. */
  readonly file: string;
  readonly line: number;
  /** The time at which it starts, since 1970. */
  readonly start: number;
  readonly surroundings: Surroundings;
  readonly steps: readonly Step[];
}

/** What the references of the pipeline stand for in a test. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

interface Placed {
  /** The line of the step in its file. */
  readonly line: number;
  /** Since the start of the test. */
  readonly at?: number | undefined;
}

export interface Send extends Placed {
  readonly kind: "send";
  readonly into: string;
  /** The path of the file that the records are from. */
  readonly path?: string | undefined;
  readonly input: Input;
}

/** Records as text or bytes, the bytes of a file, or events. */
export type Input =
  | { readonly texts: readonly string[] }
  | { readonly records: readonly Uint8Array[] }
  | { readonly file: Uint8Array }
  | { readonly events: readonly Data[] };

export interface Expectation extends Placed {
  readonly kind: "expect";
  /** A component, one of its outputs, or `dead_letters`. */
  readonly from: string;
  /** KQL. */
  readonly where: string | undefined;
  readonly count: number | undefined;
  readonly equals: readonly Data[] | undefined;
  readonly contains: readonly Data[] | undefined;
  readonly inOrder: boolean;
  /** Says how many events there are; by default as what the component got. */
  readonly found?: (count: number) => string;
}

export type Step =
  | Send
  | Expectation
  | (Placed & { readonly kind: "advance"; readonly by: number })
  | (Placed & { readonly kind: "restart" | "crash" | "end" });

/** What an expectation names to see dead letters. */
export const deadLetters = "dead_letters";

/** The time at which a test starts that does not say when. */
export const defaultStart = Date.UTC(2026, 0, 1);
