/** One value of each field, in the order of the fields. */
export type Combination = readonly string[];

/** More than this many combinations of one event are not looked at one by one: `X-Forwarded-For` is the client's to fill. */
const combinationCap = 100;

/**
 * The combinations of the fields' values, the last field turning fastest; at most `combinationCap` of them, and how many
 * there are in all. A field without a value gives none.
 */
export const combine = (
  values: readonly (readonly string[])[],
): { readonly combinations: readonly Combination[]; readonly total: number } => {
  const total = values.reduce((product, { length }) => product * length, 1);
  const combinations: Combination[] = [];
  for (let index = 0; index < Math.min(total, combinationCap); index++) combinations.push(pick(values, index));
  return { combinations, total };
};

const pick = (values: readonly (readonly string[])[], index: number): Combination => {
  const combination: string[] = new Array(values.length);
  let rest = index;
  for (let field = values.length - 1; field >= 0; field--) {
    const choices = values[field]!;
    combination[field] = choices[rest % choices.length]!;
    rest = Math.floor(rest / choices.length);
  }
  return combination;
};
