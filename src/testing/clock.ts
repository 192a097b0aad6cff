import { systemClock } from "../clock.ts";
import { turn, type VirtualClock, virtualClock } from "../virtual-clock.ts";

export { turn, type VirtualClock, virtualClock };

/** Advances a virtual clock until the work is done. False if that takes ten virtual minutes and `patience` real milliseconds. */
export const inVirtualTime = async (clock: VirtualClock, work: Promise<unknown>, patience = 5000): Promise<boolean> => {
  let isDone = false;
  const finish = () => {
    isDone = true;
  };
  work.then(finish, finish);
  const end = performance.now() + patience;
  for (let step = 0; !isDone && (step < 80 || performance.now() < end); step++) {
    await clock.advance(Math.min(2 ** step, 10_000));
    // Whatever is outside the process runs in real time.
    if (step >= 20) await systemClock.sleep(1);
  }
  if (isDone) await work;
  return isDone;
};
