import { Refusal } from "../http/problem.ts";
import { didYouMean } from "../problem.ts";

/** How much of a name is shown, in characters. */
const longestName = 100;

/** Throws a `Refusal`, 400, for a parameter that is unknown or repeated. */
export const checkQuery = (query: URLSearchParams, known: readonly string[]): void => {
  const names = known.map((name) => `"${name}"`).join(", ");
  for (const name of query.keys()) {
    const shown = name.slice(0, longestName);
    if (!known.includes(name)) {
      const hint = didYouMean(shown, known);
      throw new Refusal(400, `Unknown parameter "${shown}"; the parameters are: ${names}.${hint ? ` ${hint}` : ""}`);
    }
    const times = query.getAll(name).length;
    if (times > 1) throw new Refusal(400, `The parameter "${name}" occurs ${times} times in the URL; give it once.`);
  }
};
