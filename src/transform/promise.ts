export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && typeof (value as Promise<unknown>).then === "function";

/** Throws an error with `message` if the value is a promise. Handles its rejection, because nobody else awaits it. */
export const refusePromise = <T>(value: T | Promise<T>, message: string): T => {
  if (!isPromise(value)) return value;
  value.then(undefined, () => undefined);
  throw new Error(message);
};
