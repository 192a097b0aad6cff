import type { ReferencePart } from "./references.ts";

/**
 * The query that parts make: a value that comes from a reference is quoted, so that it is a literal whatever it contains.
 * A reference that is the whole text is taken as the query.
 */
export const quoteIn = (parts: readonly ReferencePart[]): string => {
  if (parts.length === 1) return parts[0]!.value;
  let query = "";
  for (const part of parts) query += literal(part, isInQuotes(query));
  return query;
};

/** The offset in the text as written for an offset in the text that the parts make; `quoted`, as `quoteIn` makes it. */
export const offsetAsWritten = (parts: readonly ReferencePart[], offset: number, quoted: boolean): number => {
  let text = "";
  let written = 0;
  for (const part of parts) {
    const next = text + (quoted && parts.length > 1 ? literal(part, isInQuotes(text)) : part.value);
    if (offset < next.length) return part.written === part.value ? written + offset - text.length : written;
    text = next;
    written += part.written.length;
  }
  return written;
};

const literal = ({ value, from }: ReferencePart, inQuotes: boolean): string => {
  if (from === "text") return value;
  const escaped = value.replace(/[\\"]/g, "\\$&");
  return inQuotes ? escaped : `"${escaped}"`;
};

const isInQuotes = (query: string): boolean => (query.replace(/\\./gs, "").split('"').length - 1) % 2 === 1;
