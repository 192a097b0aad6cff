/**
 * Wraps a function so that each call waits for the calls before it. For a sink that must not run two writes at the same time: the host
 * starts another attempt when a write hangs.
 */
export const inTurn = <A extends readonly unknown[], R>(
  use: (...args: A) => Promise<R>,
): ((...args: A) => Promise<R>) => {
  let turn: Promise<unknown> = Promise.resolve();
  return (...args) => {
    const result = turn.then(() => use(...args));
    turn = result.catch(() => undefined);
    return result;
  };
};
