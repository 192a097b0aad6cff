import type { Data } from "../../json.ts";
import type { Hash } from "../../new-terms/terms.ts";
import type { Context } from "./document.ts";

/** What the operator cannot do itself, being free of Node: the program passes it in. */
export interface Tools {
  readonly hash: Hash;
  /** The text inside base64 of gzip. It throws for what is not that, or is longer than it is willing to hold. */
  gunzip(base64: string): string;
}

/** What was in an envelope: JSON text, a log line or an object, and what the envelope says about it. */
export interface Content {
  readonly content: unknown;
  readonly context?: Context;
  /** The content is the event, as far as there is one, though it has another shape than the events of audit.k8s.io. */
  readonly foreign?: true;
}

/**
 * One way in which audit events travel. `open` takes one layer off; what is inside may be another envelope. A list
 * means that each item stands for itself: one that is no audit event does not keep its neighbours back.
 */
export interface Envelope {
  readonly name: string;
  matches(record: Data): boolean;
  open(record: Data, tools: Tools): Content | readonly Content[];
}
