import { hash } from "node:crypto";
import { GrownLines } from "./grown-lines.ts";

/** What the oracle needs of one observed document, as the document itself says it. Times in milliseconds since 1970. */
export interface ObservedEvent {
  readonly auditID: string;
  readonly verb: string;
  readonly resource: string;
  readonly agent: string | undefined;
  readonly user: string;
  readonly addresses: readonly string[];
  readonly ingested: number;
  readonly staged: number;
}

interface Document {
  readonly kubernetes: {
    readonly audit: {
      readonly auditID: string;
      readonly verb: string;
      readonly objectRef: { readonly resource: string };
      readonly stageTimestamp: string;
    };
  };
  readonly user_agent?: { readonly original: string };
  readonly user: { readonly name: string };
  readonly source: { readonly ip: readonly string[] };
  readonly event: { readonly ingested: string };
}

/** The sink just before the detection: events in the run's own order, repeats struck by id. */
export class Observed {
  readonly events: ObservedEvent[] = [];
  /** Audit events by source, in the order in which they were first seen: each as the line that was written. */
  readonly lines = new Map<string, string[]>();
  /** Repeats under an id whose body is another than the first: there must be none. */
  readonly changed: string[] = [];
  repeats = 0;
  readonly #bodies = new Map<string, string>();
  readonly #file: GrownLines;

  constructor(path: string) {
    this.#file = new GrownLines(path);
  }

  /** Takes in what has come since the last look. */
  look(): void {
    this.#file.read((line) => this.#take(line));
  }

  count(source: string): number {
    return this.lines.get(source)?.length ?? 0;
  }

  #take(line: string): void {
    const document = JSON.parse(line) as Document;
    const { audit } = document.kubernetes;
    const body = hash("sha1", line);
    const known = this.#bodies.get(audit.auditID);
    if (known === undefined) this.#first(document, body);
    else {
      this.repeats++;
      if (known !== body) this.changed.push(audit.auditID);
    }
  }

  #first({ kubernetes: { audit }, user_agent, user, source, event }: Document, body: string): void {
    this.#bodies.set(audit.auditID, body);
    const [name] = audit.auditID.split("-") as [string];
    const lines = this.lines.get(name) ?? [];
    this.lines.set(name, lines);
    lines.push(JSON.stringify(audit));
    this.events.push({
      auditID: audit.auditID,
      verb: audit.verb,
      resource: audit.objectRef.resource,
      agent: user_agent?.original,
      user: user.name,
      addresses: source.ip,
      ingested: Date.parse(event.ingested),
      staged: Date.parse(audit.stageTimestamp),
    });
  }
}
