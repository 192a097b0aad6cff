import { timeOf } from "./time.ts";

/** `<PRI>1 TIME HOST APP PROCID MSGID STRUCTURED-DATA MESSAGE`: RFC 5424, section 6. */
const current =
  /^<(\d{1,3})>1 (\S{1,64}) (\S{1,255}) (\S{1,128}) (\S{1,128}) (\S{1,64}) (?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+)(?: |$)/s;

/** `<PRI>Mmm dd hh:mm:ss HOST TAG: MESSAGE`: RFC 3164. In files there is no priority, and often a longer time format. */
const bsd =
  /^(?:<(\d{1,3})>)?([A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S{1,40}) (\S{1,255}) ([^\s:[\]]{1,128})(?:\[([^\]]{1,128})\])?: ?/;

const byteOrderMark = "\ufeff";
/** The cookie that announces JSON (Lumberjack, CEE). */
const cookie = /^@cee: ?/;

/** The message of a syslog line, and the fields of its header with ECS names; `undefined` if it is not a syslog line. */
export const openSyslog = (line: string) => {
  const header = current.exec(line);
  if (header) {
    const [whole, priority, time, host, app, process, message] = header;
    return opened(line.slice(whole.length), time, { priority, host, app, process, message });
  }
  const old = bsd.exec(line);
  if (!old) return undefined;
  const [whole, priority, time, host, app, process] = old;
  return opened(line.slice(whole.length), time, { priority, host, app, process });
};

interface Header {
  readonly priority: string | undefined;
  readonly host: string | undefined;
  readonly app: string | undefined;
  readonly process: string | undefined;
  readonly message?: string | undefined;
}

const opened = (message: string, time: string | undefined, header: Header) => {
  const timestamp = timeOf(time);
  const syslog = {
    ...(header.priority !== undefined && { priority: Number(header.priority) }),
    ...said("hostname", header.host),
    ...said("appname", header.app),
    ...said("procid", header.process),
    ...said("msgid", header.message),
  };
  const content = (message.startsWith(byteOrderMark) ? message.slice(1) : message).replace(cookie, "");
  return { content, context: { fields: { log: { syslog } }, ...(timestamp && { timestamp }) } };
};

/** A dash stands for a missing value. */
const said = (name: string, value: string | undefined) =>
  value === undefined || value === "-" ? {} : { [name]: value };
