/** Severity numbers of the names that log levels have; the first of each range of four, as the data model of logs wants. */
const numbers: Readonly<Record<string, number>> = {
  trace: 1,
  debug: 5,
  info: 9,
  information: 9,
  informational: 9,
  notice: 10,
  warn: 13,
  warning: 13,
  error: 17,
  err: 17,
  severe: 17,
  critical: 18,
  crit: 18,
  alert: 19,
  emergency: 21,
  emerg: 21,
  fatal: 21,
  panic: 21,
};

/** Severity numbers of the severities of alerts. */
const ofAlerts: Readonly<Record<string, number>> = { low: 9, medium: 13, high: 17, critical: 21 };

/** The severity number of a log level, in any case; 0 for one that is not known. */
export const severityOfLevel = (level: string): number => found(numbers, level);

/** The severity number of an alert's severity; 0 for one that is not known. */
export const severityOfAlert = (severity: string): number => found(ofAlerts, severity);

const found = (table: Readonly<Record<string, number>>, name: string): number => {
  const key = name.toLowerCase();
  return Object.hasOwn(table, key) ? table[key]! : 0;
};
