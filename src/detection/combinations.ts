/** One value of each field, in the order of the fields. */
export type Combination = readonly string[];

/** The most combinations of one event that are checked individually: a client can put many addresses into `X-Forwarded-For`. */
const combinationCap = 100;

/**
 * The combinations of the fields' values; the last field varies fastest. Returns at most `combinationCap` of them, and
 * the total number. If a field has no value, there are none.
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
