import type { Data } from "weir";
import type { Context } from "./document.ts";

/** What the mapping needs of Node, passed in by the plugin: the mapping itself imports no Node module. */
export interface Tools {
  /** A digest of a text, for ids. */
  hash(text: string): string;
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
