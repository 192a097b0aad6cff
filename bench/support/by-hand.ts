const line =
  /^(\S+) (\S+) (\S+) \[([^\]]+)\] "(?:(\w+) (\S+)(?: HTTP\/([\d.]+))?|([^"]*))" (\d+) (?:(\d+)|-) ("(?:\\.|[^"\\])*") ("(?:\\.|[^"\\])*")/;
const date = /^(\d\d)\/(\w{3})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** What `remap` makes of a line of an access log, written by hand for this format alone. */
export const shapedByHand = (text: string): Record<string, unknown> => {
  const found = line.exec(text);
  if (!found) throw new Error(`no access log: ${text}`);
  const [, clientip, ident, auth, timestamp, verb, request, httpversion, rawrequest, response, bytes, referrer, agent] =
    found as unknown as string[];
  const [, day, month, year, hour, minute, second, sign, hours, minutes] = date.exec(timestamp!) as unknown as string[];
  const local = Date.UTC(+year!, months.indexOf(month!), +day!, +hour!, +minute!, +second!);
  const offset = (sign === "-" ? -1 : 1) * (+hours! * 60 + +minutes!) * 60_000;
  return {
    message: text,
    clientip,
    ident,
    auth,
    timestamp,
    verb,
    request,
    httpversion,
    rawrequest,
    response: Number(response),
    bytes: bytes === undefined ? undefined : Number(bytes),
    referrer,
    agent,
    "@timestamp": new Date(local - offset).toISOString(),
  };
};
