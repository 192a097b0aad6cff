import type { Data } from "./json.ts";
import type { Event, Meta } from "./meta.ts";

/** Members that many events have. Their JSON is written once. */
export class SharedMembers {
  readonly data: Data;
  #json: string | undefined;

  constructor(data: Data) {
    this.data = data;
  }

  /** As one line, by a function that writes it when it is first asked for. */
  jsonBy(write: (data: Data) => string | undefined): string | undefined {
    this.#json ??= write(this.data);
    return this.#json;
  }
}

/** An event of which some members are shared with others: it has those of `first`, then these, then those of `last`, all different. */
export class JoinedEvent implements Event {
  readonly first: Event;
  readonly shared: SharedMembers;
  readonly last: Data;
  #data: Data | undefined;

  constructor(first: Event, shared: SharedMembers, last: Data) {
    this.first = first;
    this.shared = shared;
    this.last = last;
  }

  get meta(): Meta {
    return this.first.meta;
  }

  /** Made when it is first read: most sinks only write it. */
  get data(): Data {
    this.#data ??= { ...this.first.data, ...this.shared.data, ...this.last };
    return this.#data;
  }
}

/** One object as JSON with the members of all these. */
export const joinedJson = (objects: readonly string[]): string => {
  let text = "{";
  for (const json of objects) if (json !== "{}") text += `${text === "{" ? "" : ","}${json.slice(1, -1)}`;
  return `${text}}`;
};
