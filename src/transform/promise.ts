export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof value === "object" && value !== null && typeof (value as Promise<unknown>).then === "function";

/** Throws `message` for a promise. Nobody waits for it, so that its failure is taken here. */
export const refusePromise = <T>(value: T | Promise<T>, message: string): T => {
  if (!isPromise(value)) return value;
  value.then(undefined, () => undefined);
  throw new Error(message);
};
