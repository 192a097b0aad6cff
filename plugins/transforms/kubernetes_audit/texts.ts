import type { Data } from "weir";
import type { ParseJson } from "./envelope.ts";

/** Members of an event that are objects or lists. Stores that support only text (Alibaba SLS) keep them as JSON text. */
const structured = [
  "user",
  "impersonatedUser",
  "authenticationMetadata",
  "sourceIPs",
  "objectRef",
  "responseStatus",
  "requestObject",
  "responseObject",
  "annotations",
  "metadata",
] as const;

/** Whether an event has JSON text in place of an object or a list. */
export const hasTexts = ({ user, sourceIPs, objectRef, annotations, responseStatus }: Data): boolean =>
  isJson(user) || isJson(sourceIPs) || isJson(objectRef) || isJson(annotations) || isJson(responseStatus);

/** The event with these texts parsed. Text that is not JSON stays as it is, and is reported when the document is made. */
export const parseTexts = (event: Data, parseJson: ParseJson): Data => {
  const parsed: Record<string, unknown> = { ...event };
  for (const member of structured)
    if (typeof event[member] === "string") parsed[member] = parse(event[member], parseJson);
  return parsed;
};

const isJson = (value: unknown): value is string =>
  typeof value === "string" && (value.startsWith("{") || value.startsWith("["));

const parse = (text: string, parseJson: ParseJson): unknown => {
  try {
    const value: unknown = parseJson(text);
    return typeof value === "object" ? value : text;
  } catch {
    return text;
  }
};
