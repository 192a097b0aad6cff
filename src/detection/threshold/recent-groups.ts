import type { Group } from "./group.ts";

/** How many sightings are kept in memory at most, or else one group. A group counts as some more. */
const [mostSightings, ofGroup] = [200_000, 20];

interface Recent {
  readonly group: Group;
  /** The group as it is stored. If the host took back what was written, another text is stored. */
  readonly text: string;
  readonly size: number;
}

/** The groups that were used last, so that they need not be read again. */
export class RecentGroups {
  readonly #groups = new Map<string, Recent>();
  #size = 0;

  /** The group with this key, if this is how it is stored. */
  take(key: string, text: string | undefined): Group | undefined {
    const recent = this.#groups.get(key);
    if (!recent) return undefined;
    this.#remove(key, recent);
    return recent.text === text ? recent.group : undefined;
  }

  put(key: string, group: Group, text: string): void {
    const size = group.timeline.length + ofGroup;
    this.#groups.set(key, { group, text, size });
    this.#size += size;
    for (const [oldest, recent] of this.#groups) {
      if (this.#size <= mostSightings || oldest === key) return;
      this.#remove(oldest, recent);
    }
  }

  #remove(key: string, { size }: Recent): void {
    this.#groups.delete(key);
    this.#size -= size;
  }
}
