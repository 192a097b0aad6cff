/** A message that asks to be acknowledged: `{"id": 17, "events": […]}`. */
export interface Envelope {
  /** The id as the client wrote it, JSON text; it goes back unread. */
  readonly id: string;
  /** The bytes of the member `events`. */
  readonly events: Buffer;
}

const mark = {
  quote: 0x22,
  backslash: 0x5c,
  comma: 0x2c,
  colon: 0x3a,
  openList: 0x5b,
  closeList: 0x5d,
  open: 0x7b,
  close: 0x7d,
} as const;
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
    const key = skipSpace(bytes, at + 1);
    const keyEnd = bytes[key] === mark.quote ? stringEnd(bytes, key) : bytes.length;
    const colon = skipSpace(bytes, keyEnd + 1);
    if (bytes[colon] !== mark.colon) return bytes.length;
    const start = skipSpace(bytes, colon + 1);
    at = valueEnd(bytes, start);
    member(bytes.toString("latin1", key + 1, keyEnd), start, at);
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

const skipSpace = (bytes: Buffer, at: number): number => {
  while (at < bytes.length && bytes[at]! <= 0x20) at++;
  return at;
};

/** Where a member's value, or its name, ends: at the comma, colon or brace after it, whatever is nested in it. */
const valueEnd = (bytes: Buffer, start: number): number => {
  let depth = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === mark.quote) at = stringEnd(bytes, at);
    else if (byte === mark.open || byte === mark.openList) depth++;
    else if (depth > 0) depth -= byte === mark.close || byte === mark.closeList ? 1 : 0;
    else if (byte === mark.comma || byte === mark.close || byte === mark.colon) return at;
  }
  return bytes.length;
};

/** Where the closing quote of a string is; the end of the bytes when it has none. */
const stringEnd = (bytes: Buffer, start: number): number => {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === mark.backslash) at++;
    else if (bytes[at] === mark.quote) return at;
  }
  return bytes.length;
};
