/** How large a query may be. */
export interface KqlLimits {
  /** Length of the text, in UTF-16 units. */
  readonly characters: number;
  /** Comparisons of a field with a value; each value of a list counts. */
  readonly conditions: number;
  /** Of these, conditions whose field is a pattern, such as `user.*:x`: each is tested against every value of an event. */
  readonly fieldPatterns: number;
}

/** Beyond what Elasticsearch accepts in a query by default, and what any person writes. */
export const widestLimits: KqlLimits = { characters: 1_048_576, conditions: 4_096, fieldPatterns: 256 };
