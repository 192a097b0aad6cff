/** When something began to learn, and whether it has learned enough. */
export interface Period {
  /** The time of the first event, on the axis of the rule, in milliseconds since 1970. */
  readonly since: number;
  /** An event from after the period has come. */
  readonly isOver: boolean;
}

/** As JSON of a length that does not depend on the numbers, so that a full state has room for each change. */
export const encodePeriod = ({ since, isOver }: Period, version: string): string =>
  JSON.stringify([version, since, isOver ? 1 : 0]).padEnd(80);

/** `undefined` if it was that of another version than `version`. */
export const decodePeriod = (text: string, version?: string): Period | undefined => {
  const [of, since, over] = JSON.parse(text) as readonly [string, number, 0 | 1];
  return version === undefined || of === version ? { since, isOver: over === 1 } : undefined;
};
