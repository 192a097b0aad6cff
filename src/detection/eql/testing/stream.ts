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
const users = fc.constantFrom(["ada"], ["ada"], ["ben"], ["ada", "ben"], []);
const tie = fc.constantFrom(1, 2, 10, -1, "a", undefined);

const any = fc.record({
  step: fc.nat(6),
  late: fc.integer({ min: -6, max: lateness }),
  tie,
  users,
  letters: fc.constantFrom("A", "B", "A", "B", "C", "AB", "BC", "U", "D"),
});

/** Events of one user that often are a whole sequence or sample: "A", "B" and so on, a short time apart. */
const inOrder = fc
  .record({ user: fc.constantFrom("ada", "ben"), steps: fc.array(fc.nat(2), { minLength: 2, maxLength: 4 }), tie })
  .map(({ user, steps, tie }) =>
    steps.map((step, index) => ({ step: step + 1, late: 0, tie, users: [user], letters: "ABCD"[index]! })),
  );

export const stream = fc
  .array(fc.oneof({ arbitrary: any.map((one) => [one]), weight: 4 }, { arbitrary: inOrder, weight: 1 }), {
    maxLength: 40,
    size: "max",
  })
  .map((parts) => {
    let latest = 100;
    return parts.flat().map(({ step, late, ...rest }): Moment => {
      const at = late <= 0 ? latest + step : latest - late;
      latest = Math.max(latest, at);
      return { at, ...rest };
    });
  });
