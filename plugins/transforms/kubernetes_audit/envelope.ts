import type { Data } from "weir";
import type { EnvelopeContext, Origin } from "./document.ts";

/**
 * What the mapping needs from the plugin: functions of Node, since the mapping itself imports no Node module, and what the
 * options say.
 */
export interface Tools {
  /** Hashes a text, for ids. */
  hash(text: string): string;
  /** Unpacks text from gzip in base64. Throws if it is something else, or unpacks to more than the limit. */
  gunzip(base64: string): string;
  /** Where the log is from. */
  readonly origin?: Origin;
}

/** Parses JSON text; throws a SyntaxError. */
export type ParseJson = (text: string) => unknown;

/** What was in an envelope: JSON text, a log line or an object, and what the envelope adds to it. */
export interface Content {
  readonly content: unknown;
  readonly context?: EnvelopeContext;
  /** The content is not an event of audit.k8s.io, but is mapped to a document as if it were. */
  readonly foreign?: true;
}

/**
 * One format in which audit events arrive. `open` removes one layer; inside may be another envelope. The items of a list
 * are independent: one that is not an audit event does not affect the others.
 */
export interface AuditEnvelope {
  readonly name: string;
  matches(record: Data): boolean;
  open(record: Data, tools: Pick<Tools, "gunzip">): Content | readonly Content[];
}
