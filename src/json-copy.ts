import type { Json } from "./json.ts";

/** A copy, as it would come back from disk; throws an error that says `what` JSON cannot represent. */
export const jsonCopy = (value: Json, what: string): Json => {
  if (typeof value !== "object" || value === null) {
    if (typeof value === "string" || typeof value === "boolean" || value === null || Number.isFinite(value))
      return value;
    throw new TypeError(`${what} is a ${typeof value} that JSON cannot represent`);
  }
  try {
    return JSON.parse(JSON.stringify(value)) as Json;
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    throw new TypeError(`${what} cannot be written as JSON: ${reason}`);
  }
};
