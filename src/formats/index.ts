export { type CriLine, parseCri } from "./cri.ts";
export { type CsvOptions, parseCsv } from "./csv.ts";
export { FormatError } from "./format-error.ts";
export { parseLogfmt } from "./logfmt.ts";
export { parseSyslog, type SyslogMessage } from "./syslog.ts";
export { instantIn, isoIn, utc, type Zone, zoneOf } from "./zone.ts";
