import type { Data } from "weir";

/** Members of an event that are objects or lists; stores that know only text (Alibaba SLS) hold them as JSON text. */
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

/** Whether an event has JSON text where it should have a value of its own. */
export const hasTexts = ({ user, sourceIPs, objectRef, annotations, responseStatus }: Data): boolean =>
  isJson(user) || isJson(sourceIPs) || isJson(objectRef) || isJson(annotations) || isJson(responseStatus);

/** The event with its texts parsed; text that is no JSON stays, for the document to complain about. */
export const parseTexts = (event: Data): Data => {
  const parsed: Record<string, unknown> = { ...event };
  for (const member of structured) if (typeof event[member] === "string") parsed[member] = parse(event[member]);
  return parsed;
};

const isJson = (value: unknown): value is string =>
  typeof value === "string" && (value.startsWith("{") || value.startsWith("["));

const parse = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : text;
  } catch {
    return text;
  }
};
