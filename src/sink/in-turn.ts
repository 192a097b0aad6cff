/**
 * The same function, whose calls wait for the calls before them. For a sink that must not write twice at the same time: the host
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
