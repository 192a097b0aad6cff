import { mark, memberAt, skipSpace, valueEnd } from "../decode/json-scan.ts";

/** A message that asks to be acknowledged: `{"id": 17, "events": […]}`. */
export interface Envelope {
  /** The id as the client wrote it, JSON text; it goes back unread. */
  readonly id: string;
  /** The bytes of the member `events`. */
  readonly events: Buffer;
}

/** A longer id is not sent back, in bytes. */
const longestId = 256;

/**
 * Finds the id and the events of a message in its bytes, so that the events are parsed once, by the decoder. Undefined
 * for a message that is anything else. Of a message that breaks off after its id, all that is left counts as events: the
 * decoder takes what is whole of them, and the rest goes to the dead letter.
 */
export const openEnvelope = (message: Buffer): Envelope | undefined => {
  let id: string | undefined;
  let events: { readonly start: number; readonly end: number } | undefined;
  const rest = eachMember(message, (name, start, end) => {
    // A number that is cut off is another number.
    if (name === "id" && end < message.length) id = message.toString("utf8", start, end).trimEnd();
    else if (name === "events") events = { start, end };
  });
  if (id === undefined || !events || !isId(id)) return undefined;
  const isWhole = message[rest] === mark.close && skipSpace(message, rest + 1) === message.length;
  return { id, events: message.subarray(events.start, isWhole ? events.end : message.length) };
};

/** Calls back for each member of an object, and returns where that ends: at its closing brace, if it is one. */
const eachMember = (bytes: Buffer, member: (name: string, start: number, end: number) => void): number => {
  let at = skipSpace(bytes, 0);
  if (bytes[at] !== mark.open) return at;
  do {
    const found = memberAt(bytes, skipSpace(bytes, at + 1));
    if (!found) return bytes.length;
    const end = valueEnd(bytes, found.start) ?? bytes.length;
    member(found.name, found.start, end);
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
