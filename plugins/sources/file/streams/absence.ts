import type { Clock } from "weir";

/** A stream is dropped when its file has been missing for this long. Until then, a volume may be mounted again. */
const forgetAfter = 60_000;

/** How long a file has been missing, in this run by the monotonic clock, and since an earlier one by the wall clock. */
export class Absence {
  /** When the file was first not found, in milliseconds since 1970. */
  readonly since: number;
  readonly #isEarlier: boolean;
  readonly #seen: number | undefined;

  private constructor(since: number, isEarlier: boolean, seen: number | undefined) {
    this.since = since;
    this.#isEarlier = isEarlier;
    this.#seen = seen;
  }

  /** The file is missing now for the first time. */
  static begin(clock: Clock): Absence {
    return new Absence(clock.now(), false, clock.monotonic());
  }

  /** The file was missing in an earlier run. */
  static restore(since: number): Absence {
    return new Absence(since, true, undefined);
  }

  /** The file is still missing. */
  goOn(clock: Clock): Absence {
    return new Absence(this.since, this.#isEarlier, this.#seen ?? clock.monotonic());
  }

  /** Whether it is so long that the stream can be dropped. */
  isOver(clock: Clock): boolean {
    const isOverHere = this.#seen !== undefined && clock.monotonic() - this.#seen >= forgetAfter;
    return isOverHere || (this.#isEarlier && Math.abs(clock.now() - this.since) >= forgetAfter);
  }
}
