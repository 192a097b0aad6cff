import { GrownLines } from "../grown-lines.ts";
import type { LogEvent } from "./load.ts";

/** What the host says of an event. */
export interface Mark {
  readonly id: string;
  /** Its timestamp, in milliseconds since 1970. */
  readonly at: number;
}

/** An event of the log as the transforms get it. */
export interface Seen extends LogEvent {
  readonly seen: Mark;
}

/** What a transform sent. */
export interface Sent {
  readonly sent: Mark;
  readonly [field: string]: unknown;
}

/** The documents of a file in the order in which they first came. After kills some come again, under the same id. */
export class Documents<D> {
  readonly events: D[] = [];
  /** Ids that came with two contents, and contents that came with two ids: there must be none. */
  readonly changed: string[] = [];
  repeats = 0;
  readonly #file: GrownLines;
  readonly #idOf: (document: D) => string;
  readonly #contentOf: (document: D) => string;
  readonly #byId = new Map<string, string>();
  readonly #byContent = new Map<string, string>();

  /** `contentOf`: what is another for each event. */
  constructor(path: string, idOf: (document: D) => string, contentOf: (document: D) => string) {
    this.#file = new GrownLines(path);
    this.#idOf = idOf;
    this.#contentOf = contentOf;
  }

  look(): void {
    this.#file.read((line) => {
      const document = JSON.parse(line) as D;
      const [id, content] = [this.#idOf(document), this.#contentOf(document)];
      const [known, under] = [this.#byId.get(id), this.#byContent.get(content)];
      if (known === undefined) this.events.push(document);
      else this.repeats++;
      if ((known ?? line) !== line || (under ?? id) !== id) this.changed.push(`${id} ${content}`);
      this.#byId.set(id, line);
      this.#byContent.set(content, id);
    });
  }
}

export const seenIn = (path: string): Documents<Seen> =>
  new Documents(
    path,
    ({ seen }) => seen.id,
    ({ n }) => String(n),
  );

export const sentIn = (path: string): Documents<Sent> =>
  new Documents(
    path,
    ({ sent }) => sent.id,
    ({ sent: _, ...content }) => JSON.stringify(content),
  );
