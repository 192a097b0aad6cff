import fc from "fast-check";

/** How late an event of the stream can be. */
export const lateness = 12;

export interface Moment {
  readonly at: number;
  readonly tie: number | string | undefined;
  readonly users: readonly string[];
  readonly letters: string;
}

/** Times go on by steps, and an event is at most `lateness` behind the latest. */
export const stream = fc
  .array(
    fc.record({
      step: fc.nat(6),
      late: fc.integer({ min: -6, max: lateness }),
      tie: fc.constantFrom(1, 2, 10, -1, "a", undefined),
      users: fc.constantFrom(["ada"], ["ada"], ["ben"], ["ada", "ben"], []),
      letters: fc.constantFrom("A", "B", "A", "B", "C", "AB", "BC", "U", "D"),
    }),
    { maxLength: 60, size: "max" },
  )
  .map((list) => {
    let latest = 100;
    return list.map(({ step, late, ...rest }): Moment => {
      const at = late <= 0 ? latest + step : latest - late;
      latest = Math.max(latest, at);
      return { at, ...rest };
    });
  });
