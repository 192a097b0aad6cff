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
 * for a message that is anything else; what the events themselves hold is the decoder's to judge.
 */
export const openEnvelope = (message: Buffer): Envelope | undefined => {
  let id: string | undefined;
  let events: Buffer | undefined;
  let at = skipSpace(message, 0);
  if (message[at] !== mark.open) return undefined;
  do {
    const key = skipSpace(message, at + 1);
    if (message[key] !== mark.quote) return undefined;
    const keyEnd = stringEnd(message, key);
    const colon = skipSpace(message, keyEnd + 1);
    if (message[colon] !== mark.colon) return undefined;
    const start = skipSpace(message, colon + 1);
    const end = valueEnd(message, start);
    const name = message.toString("latin1", key + 1, keyEnd);
    if (name === "id") id = message.toString("utf8", start, end).trimEnd();
    else if (name === "events") events = message.subarray(start, end);
    at = end;
  } while (message[at] === mark.comma);
  if (message[at] !== mark.close || skipSpace(message, at + 1) < message.length) return undefined;
  return id !== undefined && isId(id) && events ? { id, events } : undefined;
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
