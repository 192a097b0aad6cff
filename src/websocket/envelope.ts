import { mark, memberAt, type Span, skipSpace, valueEnd } from "../decode/json-scan.ts";

/** A message that asks to be acknowledged: `{"id": 17, "events": […]}`. */
export interface Envelope {
  /** The id as the client wrote it, JSON text; it goes back unread. */
  readonly id: string;
  /** JSON values, one after the other: what the member `events` holds, and after it what is no part of an envelope. */
  readonly events: Buffer;
}

/** A longer id is not sent back, in characters of JSON with its quotes. */
const longestId = 256;

/**
 * Finds the id and the events of a message in its bytes, so that the events are parsed once, by the decoder. Undefined
 * for a message that is anything else. Of a message that breaks off after its id, or goes on after its end, the decoder
 * gets what is whole of the events, and all that is left after them, which is not JSON: the dead letter tells of it.
 * A message that has events, and no id that can go back, is told of to `unanswerable`, with what it has for an id.
 */
export const openEnvelope = (
  message: Buffer,
  unanswerable?: (id: string | undefined) => void,
): Envelope | undefined => {
  let id: string | undefined;
  const events: Value[] = [];
  const rest = eachMember(message, (name, value) => {
    // A number that is cut off is another number.
    if (name === "id" && value.end < message.length) id = message.toString("utf8", value.start, value.end).trimEnd();
    else if (name === "events") events.push(value);
  });
  if (events.length === 0) return undefined;
  if (id === undefined || !isId(id)) {
    unanswerable?.(id);
    return undefined;
  }
  const isWhole = message[rest] === mark.close && skipSpace(message, rest + 1) === message.length;
  return { id, events: joined(message, isWhole ? events : broken(message, events)) };
};

/** A member's value; one that is not closed reaches to the end of the message. */
interface Value extends Span {
  readonly isClosed: boolean;
}

/** The events of a message that is not whole, and what is left of it. */
const broken = (message: Buffer, events: readonly Value[]): readonly Span[] => {
  const last = events.at(-1)!;
  const left = skipSpace(message, last.end);
  if (!last.isClosed && last.start < message.length) return events;
  if (left < message.length) return [...events, { start: left, end: message.length }];
  // It ends behind the events, or just before them: how it begins is what tells of the cut.
  return [...events, { start: 0, end: events[0]!.start }];
};

/** The same bytes if they are in one piece; else the pieces, a line each. */
const joined = (message: Buffer, [first, ...others]: readonly Span[]): Buffer => {
  const piece = ({ start, end }: Span) => message.subarray(start, end);
  if (others.length === 0) return piece(first!);
  return Buffer.concat([piece(first!), ...others.flatMap((other) => [newline, piece(other)])]);
};

const newline = Buffer.from("\n");

/** Calls back for each member of an object, and returns where that ends: at its closing brace, if it is one. */
const eachMember = (bytes: Buffer, member: (name: string, value: Value) => void): number => {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== mark.open) return at;
  do {
    const found = memberAt(bytes, skipSpace(bytes, at + 1));
    if (!found) return bytes.length;
    const closed = valueEnd(bytes, found.start);
    const end = closed ?? bytes.length;
    member(found.name, { start: found.start, end, isClosed: closed !== undefined });
    at = skipSpace(bytes, end);
  } while (bytes[at] === mark.comma);
  return at;
};

const isId = (text: string): boolean => {
  if (text.length > longestId) return false;
  try {
    return ["string", "number"].includes(typeof JSON.parse(text));
  } catch {
    return false;
  }
};
