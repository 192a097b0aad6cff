import { type Data, maxDepth } from "./json.ts";

/** What a look at everything in a value from JSON.parse has found. */
export interface Survey {
  /** The number of members of all objects. JSON.parse keeps one member of each repeated name. */
  readonly members: number;
  /** Nested deeper than `maxDepth`; the rest was not looked at. */
  readonly isTooDeep: boolean;
  /**
   * `small`: integers from −(2^53 − 1) to 2^53 − 1 only. `fractions`: also other numbers below that. `large`: also numbers
   * beyond.
   */
  readonly numbers: "small" | "fractions" | "large";
}

/** The survey under way: objects are created for the result only, as this runs for every record. */
let members = 0;
let isTooDeep = false;
let hasFractions = false;
let hasLarge = false;

/** Looks at every value in `value`, which JSON.parse returned. The recursion is at most `maxDepth` calls deep. */
export const survey = (value: object): Survey => {
  members = 0;
  isTooDeep = hasFractions = hasLarge = false;
  into(value, 1);
  return { members, isTooDeep, numbers: hasLarge ? "large" : hasFractions ? "fractions" : "small" };
};

const into = (container: object, depth: number): void => {
  if (depth > maxDepth) {
    isTooDeep = true;
    return;
  }
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length; index++) {
      const item: unknown = container[index];
      if (typeof item !== "string") look(item, depth);
    }
    return;
  }
  for (const name in container) {
    members++;
    const member = (container as Data)[name];
    if (typeof member !== "string") look(member, depth);
  }
};

const look = (value: unknown, depth: number): void => {
  if (typeof value === "object") {
    if (value !== null) into(value, depth + 1);
  } else if (typeof value === "number" && !Number.isSafeInteger(value)) {
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) hasFractions = true;
    else hasLarge = true;
  }
};
