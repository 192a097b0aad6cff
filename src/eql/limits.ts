/** How large a query may be. */
export interface EqlLimits {
  /** Length of the text, in UTF-16 units. */
  readonly characters: number;
  /** Fields, values, patterns, operators and functions together. */
  readonly parts: number;
}

/** Beyond what any person writes. */
export const widestLimits: EqlLimits = { characters: 1_048_576, parts: 16_384 };

/** Levels of parentheses, functions, signs and negations within each other. */
export const deepest = 100;

/** Terms of one sum, or factors of one product, without parentheses. */
export const longestChain = 256;

/** Events that a sequence asks for; each run counts. */
export const mostStages = 256;

/** How often `with runs` can repeat an event. */
export const mostRuns = 100;

/** Fields by which the events of a sequence or a sample are joined. */
export const mostJoined = 16;

/** Events that a sample asks for. */
export const mostSampled = 5;
