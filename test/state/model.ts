/** A plain model of a key space: its entries, and how far it was swept. */
interface Space {
  readonly entries: Map<string, { readonly value: string; readonly expires: number }>;
  swept: number;
}

/** What a component with ticks must find after a restart. */
export interface Remembered {
  wake: number | undefined;
  mark: number;
  epoch: number;
}

/** The state of one component as a plain map, which `State` and its host must match. */
export class Model {
  readonly quota: number;
  #spaces = new Map<string, Space>();
  wake: number | undefined;
  mark = Number.NEGATIVE_INFINITY;
  epoch = 0;
  /** The part that a restart finds after everything is committed. */
  saved: Remembered = { wake: undefined, mark: Number.NEGATIVE_INFINITY, epoch: 0 };
  hasWritten = false;

  constructor(quota = Number.POSITIVE_INFINITY) {
    this.quota = quota;
  }

  copy(): Model {
    const copy = new Model(this.quota);
    for (const [name, { entries, swept }] of this.#spaces) copy.#spaces.set(name, { entries: new Map(entries), swept });
    copy.remember(this);
    copy.saved = this.saved;
    return copy;
  }

  remember({ wake, mark, epoch }: Remembered): void {
    Object.assign(this, { wake, mark, epoch });
  }

  /** As the next process finds it. */
  restarted(): Model {
    const copy = this.copy();
    copy.remember(this.saved);
    return copy;
  }

  #space(name: string): Space {
    const space = this.#spaces.get(name) ?? { entries: new Map(), swept: Number.NEGATIVE_INFINITY };
    this.#spaces.set(name, space);
    return space;
  }

  get bytes(): number {
    let bytes = 0;
    for (const { entries } of this.#spaces.values())
      for (const [key, { value }] of entries) bytes += sizeOf(key, value);
    return bytes;
  }

  get(scope: string, key: string): string | undefined {
    return this.#space(scope).entries.get(key)?.value;
  }

  /** Returns false if there is no room. */
  set(scope: string, key: string, value: string, expires = Number.POSITIVE_INFINITY, share = 1): boolean {
    const { entries, swept } = this.#space(scope);
    const old = entries.get(key);
    const isSwept = expires < swept;
    const growth = (isSwept ? 0 : sizeOf(key, value)) - (old ? sizeOf(key, old.value) : 0);
    if (growth > 0 && this.bytes + growth > this.quota * share) return false;
    this.hasWritten = true;
    if (isSwept) entries.delete(key);
    else entries.set(key, { value, expires });
    return true;
  }

  delete(scope: string, key: string): void {
    if (this.#space(scope).entries.delete(key)) this.hasWritten = true;
  }

  sweep(scope: string, before: number): void {
    const space = this.#space(scope);
    if (before <= space.swept) return;
    this.hasWritten = true;
    space.swept = before;
    for (const [key, { expires }] of space.entries) if (expires < before) space.entries.delete(key);
  }

  scan(scope: string, prefix: string, after: string | undefined, limit = 1000): [string, string][] {
    return [...this.#space(scope).entries]
      .map(([key, { value }]): [string, string] => [key, value])
      .filter(([key]) => key.startsWith(prefix) && (after === undefined || byBytes(key, after) > 0))
      .sort(([a], [b]) => byBytes(a, b))
      .slice(0, limit);
  }

  askFor(at: number): void {
    this.wake = Math.min(at, this.wake ?? at);
  }

  useUp(now: number): void {
    if (this.wake !== undefined && this.wake <= now) this.wake = undefined;
  }
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const sizeOf = (key: string, value: string): number => Buffer.from(key + value).length;
