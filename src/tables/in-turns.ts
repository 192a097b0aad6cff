/** How long a part of the reading may keep events waiting, in milliseconds. */
const mostWait = 10;

/** Reads on for a few milliseconds at a time. */
export const inTurns = async <T>(reading: Generator<unknown, T>): Promise<T> => {
  for (let since = performance.now(); ; ) {
    const step = reading.next();
    if (step.done) return step.value;
    if (performance.now() - since < mostWait) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
};

/** The result, read in one turn. */
export const readWhole = <T>(reading: Generator<unknown, T>): T => {
  let step = reading.next();
  while (!step.done) step = reading.next();
  return step.value;
};
