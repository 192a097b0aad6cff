/** Two parts of a rule that contradict each other. */
export interface Contradiction {
  /** Where in the rule file. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}
