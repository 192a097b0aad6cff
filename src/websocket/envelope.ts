import { mark, memberAt, type Span, skipSpace, valueEnd } from "../decode/json-scan.ts";

/** A message that asks to be acknowledged: `{"id": 17, "events": […]}`. */
export interface Envelope {
  /** The id as the client wrote it, in JSON; it is sent back unchanged. */
  readonly id: string;
  /** JSON values, one after the other: the content of the member `events`, then whatever is not part of an envelope. */
  readonly events: Buffer;
}

/** Longest id that can be acknowledged, in characters of JSON with its quotes. */
const longestId = 256;

/**
 * Finds the id and the events of a message in its bytes, so that the events are parsed only once, by the decoder. Undefined
 * for any other message. When a message is truncated after its id, or continues after its end, the decoder gets the complete
 * events and then the rest, which is not JSON and so goes to the dead letter. `unanswerable` is called for a message with
 * events but no valid id, with what it has in place of one.
 */
export const openEnvelope = (
  message: Buffer,
  unanswerable?: (id: string | undefined) => void,
): Envelope | undefined => {
  let id: string | undefined;
  const events: Value[] = [];
  const rest = eachMember(message, (name, value) => {
    // A truncated number is another number.
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

/** The value of a member; one that is not closed extends to the end of the message. */
interface Value extends Span {
  readonly isClosed: boolean;
}

/** The events of an incomplete message, and the rest of it. */
const broken = (message: Buffer, events: readonly Value[]): readonly Span[] => {
  const last = events.at(-1)!;
  const left = skipSpace(message, last.end);
  if (!last.isClosed && last.start < message.length) return events;
  if (left < message.length) return [...events, { start: left, end: message.length }];
  // It ends right after the events, or just before them: then its beginning shows in the dead letter that it was cut.
  return [...events, { start: 0, end: events[0]!.start }];
};

/** The bytes of the only span without a copy; otherwise all spans, one per line. */
const joined = (message: Buffer, [first, ...others]: readonly Span[]): Buffer => {
  const piece = ({ start, end }: Span) => message.subarray(start, end);
  if (others.length === 0) return piece(first!);
  return Buffer.concat([piece(first!), ...others.flatMap((other) => [newline, piece(other)])]);
};

const newline = Buffer.from("\n");

/** Calls back for each member of an object, and returns where it ends: at its closing brace if it is an object. */
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
