import { Refusal } from "../http/problem.ts";
import { didYouMean } from "../problem.ts";

/** How much of a name is said back, in characters. */
const longestName = 100;

/** Throws a `Refusal`, 400, for a parameter that is not known, or is there more than once. */
export const checkQuery = (query: URLSearchParams, known: readonly string[]): void => {
  const names = known.map((name) => `"${name}"`).join(", ");
  for (const name of query.keys()) {
    const shown = name.slice(0, longestName);
    if (!known.includes(name)) {
      const hint = didYouMean(shown, known);
      throw new Refusal(400, `There is no parameter "${shown}" here; known are: ${names}.${hint ? ` ${hint}` : ""}`);
    }
    const times = query.getAll(name).length;
    if (times > 1)
      throw new Refusal(400, `The parameter "${name}" is in the address ${times} times; it is wanted once at most.`);
  }
};
