export { compileDateFormat, type DateReader } from "../dates/date-format.ts";
export { compileDateOutput, type DateWriter } from "../dates/output.ts";
export { instantIn, isoIn, utc, type Zone, zoneOf } from "../dates/zone.ts";
export { type CriLine, parseCri } from "./cri.ts";
export { type CsvOptions, parseCsv } from "./csv.ts";
export { FormatError } from "./format-error.ts";
export { parseLogfmt } from "./logfmt.ts";
export {
  parseSyslog,
  readSyslog,
  type SyslogFormat,
  type SyslogMessage,
  syslogFacility,
  syslogSeverity,
  syslogTime,
} from "./syslog.ts";
