import type { Data } from "weir";
import { compilePath, parseJson } from "weir/fields";

/** The last cursor in a message, as JSON text; undefined when it has none. */
export type ReadCursor = (message: string) => string | undefined;

/**
 * Looks for a field in the message itself, or in the last of its events that has it. A number keeps its digits.
 */
export const cursorReader = (field: string): ReadCursor => {
  const { values } = compilePath(field);

  const lastIn = (value: unknown): unknown => {
    if (Array.isArray(value)) return firstOf(value.toReversed(), lastIn);
    if (typeof value !== "object" || value === null) return undefined;
    const own = values(value as Data).at(-1);
    return own ?? ("items" in value ? lastIn(value.items) : undefined);
  };

  const lastOf = (text: string): string | undefined => {
    const found = lastIn(parseJson(text));
    return found === undefined ? undefined : JSON.stringify(found);
  };

  return (message) => {
    try {
      return lastOf(message);
    } catch {
      return firstOf(message.split("\n").reverse(), (line) => {
        try {
          return lastOf(line);
        } catch {
          // The decoder reports what is not JSON.
          return undefined;
        }
      });
    }
  };
};

const firstOf = <T, Found>(values: readonly T[], find: (value: T) => Found | undefined): Found | undefined => {
  for (const value of values) {
    const found = find(value);
    if (found !== undefined) return found;
  }
  return undefined;
};
