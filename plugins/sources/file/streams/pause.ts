/** How long to work without a pause, in milliseconds. */
const turn = 5;

/** Interrupts long work, so that other things can be done meanwhile. */
export class Pause {
  #end = performance.now() + turn;

  /** Yields `undefined` if it is time for a pause. */
  *rest(): Generator<undefined> {
    if (performance.now() < this.#end) return;
    yield undefined;
    this.#end = performance.now() + turn;
  }
}
