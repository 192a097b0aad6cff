import { option } from "weir";
import { isObject, writePath } from "weir/fields";
import { FormatError, parseCri, parseCsv, parseLogfmt, parseSyslog, syslogTime, utc } from "weir/formats";
import { type Action, defineStep } from "../step.ts";
import { listAt } from "./append.ts";
import { ignore_missing, onText } from "./on-text.ts";

const field = (what: string) => option.field(what, { default: "message" });

/** Reads the text of a field, and fails with what the parser says. */
const reading = (config: Parameters<typeof onText>[0], use: Parameters<typeof onText>[1]): Action =>
  onText(config, (text, draft, context) => {
    try {
      return use(text, draft, context);
    } catch (error) {
      if (error instanceof FormatError) return { failed: `"${config.field}": ${error.message}` };
      throw error;
    }
  });

export const logfmt = defineStep({
  option: option.group({
    field: field("The text to read."),
    target: option.optional(option.field("The object to write the pairs into; the event itself by default.")),
    ignore_missing,
  })('Reads `level=info msg="hello world"`; a key alone is true, and a key that occurs again becomes a list.'),
  compile: (config) => {
    const target = config.target === undefined ? undefined : writePath(config.target);
    return reading(config, (text, draft) => {
      const values = parseLogfmt(text);
      if (!target) for (const [key, value] of Object.entries(values)) draft.set(writePath(key), value);
      else {
        const before = draft.get(target);
        draft.set(target, isObject(before) ? { ...before, ...values } : values);
      }
      return undefined;
    });
  },
});

const character = option.compiled("one character", (text) => {
  if (text.length !== 1) throw new Error(`it has ${text.length}`);
  return text;
});

export const csv = defineStep({
  option: option.group({
    field: field("The text of one line."),
    target_fields: option.list(option.field, { minItems: 1 })(
      "Where to write the values, in order; values beyond these are left out.",
    ),
    separator: character("What is between two values.", { default: "," }),
    quote: character("What is around a value that contains a separator.", { default: '"' }),
    trim: option.boolean("Whether to remove white space around values without quotes.", { default: false }),
    empty_value: option.optional(option.json("What to write for an empty value; by default it is left out.")),
    ignore_missing,
  })("Reads a line of values with a character between them (RFC 4180)."),
  compile: (config) => {
    const targets = config.target_fields.map(writePath);
    return reading(config, (text, draft) => {
      for (const [index, value] of parseCsv(text, config).entries()) {
        const path = targets[index];
        const shown = value === "" ? config.empty_value : value;
        if (path && shown !== undefined) draft.set(path, shown);
      }
      return undefined;
    });
  },
});

const timestamp = writePath("@timestamp");
const message = writePath("message");

export const syslog = defineStep({
  option: option.group({ field: field("The message, of RFC 5424 or RFC 3164."), ignore_missing })(
    "Reads a message of syslog into `message`, `@timestamp`, `log.syslog` and `host.name`. A time without a year is the last one that is not in the future, in UTC.",
  ),
  compile: (config) => {
    const [about, host] = [writePath("log.syslog"), writePath("host.name")];
    return reading(config, (text, draft, { ingested: now }) => {
      const found = parseSyslog(text);
      const time = syslogTime(found, { zone: utc, now });
      if (time !== undefined) draft.set(timestamp, time);
      if (Object.keys(found.syslog).length > 0) draft.set(about, found.syslog);
      if (found.syslog["hostname"] !== undefined) draft.set(host, found.syslog["hostname"]);
      draft.set(message, found.message);
      return undefined;
    });
  },
});

export const cri = defineStep({
  option: option.group({ field: field("The line, as the kubelet writes it."), ignore_missing })(
    "Reads a line of a container's log into `message`, `@timestamp` and `stream`; the part of a longer line has the tag `cri_partial`.",
  ),
  compile: (config) => {
    const [stream, tags] = [writePath("stream"), writePath("tags")];
    return reading(config, (text, draft) => {
      const found = parseCri(text);
      draft.set(timestamp, found.timestamp);
      draft.set(stream, found.stream);
      draft.set(message, found.message);
      if (found.isPartial) draft.set(tags, [...listAt(draft, tags), "cri_partial"]);
      return undefined;
    });
  },
});
