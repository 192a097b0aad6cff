import type { Data } from "weir";
import { compilePath } from "weir/fields";

/** The last cursor in a message, as JSON text; undefined when it has none. */
export type ReadCursor = (message: string) => string | undefined;

/**
 * Looks for a field in the message itself, or in the last of its events that has it. An integer that JavaScript cannot
 * represent exactly keeps its digits.
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
    const found = lastIn(JSON.parse(text));
    const isExact = typeof found !== "number" || !Number.isInteger(found) || Number.isSafeInteger(found);
    return isExact ? JSON.stringify(found) : String(lastIn(JSON.parse(text, exactly)));
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

const exactly = (_key: string, value: unknown, { source = "" }: { readonly source?: string } = {}): unknown =>
  typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(source) ? BigInt(source) : value;
