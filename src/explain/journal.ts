import { type Event, jsonOf, type Meta, NotJson } from "../event.ts";
import type { Revealed } from "../transform/transform.ts";
import { idOf, Visit } from "./visit.ts";

/** An event that a sink got. */
export interface Arrived {
  readonly sink: string;
  readonly id: string;
  /** Its data, as one line of JSON. */
  readonly json: string;
}

/** A record that its source could not decode. */
export interface Undecoded {
  readonly source: string;
  readonly reason: string;
  readonly message: string;
  /** The record, as one line of JSON: `raw` or `raw_base64`. */
  readonly json: string;
}

/** An event as it entered the pipeline, or as a component made it from its state, and all that came of it. */
export interface Story {
  readonly id: string;
  /** For an event made from state: by which component, and when, in milliseconds since 1970. */
  readonly made: { readonly by: string; readonly at: number } | undefined;
  /** Its data, as one line of JSON. */
  readonly json: string | undefined;
  readonly undecoded?: Undecoded;
  readonly visits: Visit[];
  readonly arrived: Arrived[];
}

/** How many events are written down. More would be too much to read, or to keep. */
const mostStories = 1000;

/** Writes down what happens to events in a run. */
export class Journal {
  /** How many events came after these. */
  left = 0;
  readonly #stories = new Map<string, Story>();
  /** Stands for the story of every event that is not written down. */
  readonly #untold: Story = { id: "", made: undefined, json: undefined, visits: [], arrived: [] };
  /** The story of each event, by its id. */
  readonly #storyOf = new Map<string, Story>();
  /** The visits whose step may be called again, by component and event. */
  readonly #open = new Map<string, Visit>();

  /** In the order in which they began. */
  get stories(): readonly Story[] {
    return [...this.#stories.values()];
  }

  enter(component: string, event: Event): Visit {
    const story = this.#of(event);
    const key = JSON.stringify([component, idOf(event.meta)]);
    const known = this.#open.get(key);
    if (known) {
      known.again();
      this.#open.delete(key);
      return known;
    }
    const visit = new Visit(component, event);
    if (story !== this.#untold) story.visits.push(visit);
    return visit;
  }

  /** The step threw. It may be called again for the same event. */
  failed(visit: Visit, event: Event, error: unknown): void {
    visit.threw(event, error);
    this.#open.set(JSON.stringify([visit.component, visit.id]), visit);
  }

  /** These events come from the event of a visit. */
  descend(from: Event, events: readonly Event[]): void {
    const story = this.#of(from);
    for (const { meta } of events) this.#storyOf.set(idOf(meta), story);
  }

  /** A component made an event from its state. */
  made(by: string, id: string, { data, at }: Revealed, now: number): void {
    const json = jsonOf({ data, meta: undefined as never });
    this.#begin({ id, made: { by, at: Math.min(at ?? now, now) }, json: json instanceof NotJson ? undefined : json });
  }

  arrived(sink: string, { id, data }: { readonly id: string; readonly data: unknown }): void {
    const json = JSON.stringify(data);
    const story = this.#storyOf.get(id) ?? this.#begin({ id, made: undefined, json });
    if (story !== this.#untold) story.arrived.push({ sink, id, json });
  }

  undecoded(id: string, undecoded: Undecoded): void {
    this.#begin({ id, made: undefined, json: undefined, undecoded });
  }

  /** The visit of an event to a component. */
  visitOf(component: string, id: string): Visit | undefined {
    const visits = this.#storyOf.get(id)?.visits ?? [];
    return visits.findLast((visit) => visit.component === component && visit.id === id);
  }

  #of(event: Event): Story {
    const known = this.#storyOf.get(idOf(event.meta));
    if (known) return known;
    let root: Meta = event.meta;
    while (root.parent) root = root.parent;
    const json = jsonOf(event);
    return this.#begin({ id: idOf(root), made: undefined, json: json instanceof NotJson ? undefined : json });
  }

  #begin(story: Omit<Story, "visits" | "arrived">): Story {
    const known = this.#storyOf.get(story.id);
    if (known) return known;
    const isTold = this.#stories.size < mostStories;
    const begun = isTold ? { ...story, visits: [], arrived: [] } : this.#untold;
    if (isTold) this.#stories.set(story.id, begun);
    else this.left++;
    this.#storyOf.set(story.id, begun);
    return begun;
  }
}
