import { option } from "weir";
import { ExactNumber, readPath, writePath } from "weir/fields";
import { compileDateFormat, compileDateOutput, type DateWriter, isoIn, zoneOf } from "weir/formats";
import { defineStep, shown, unfit } from "../step.ts";

const format = option.compiled("a date format", compileDateFormat);

const timezone = option.compiled("a time zone such as Europe/Berlin or +02:00", (text) => {
  const zone = zoneOf(text);
  if (!zone) throw new Error("there is no such zone");
  return zone;
});

export const date = defineStep({
  option: option.group({
    field: option.field("The text or number to read."),
    formats: option.list(format, { minItems: 1 })(
      "Formats, tried in order: a pattern of Java's DateTimeFormatter with English names, `ISO8601`, `UNIX` (seconds), `UNIX_MS`, or `TAI64N`. A date without a year is the last one that is not in the future.",
      { examples: [["dd/MMM/yyyy:HH:mm:ss Z"]] },
    ),
    target: option.field("Where to write the date.", { default: "@timestamp" }),
    output_format: option.optional(
      option.compiled(
        "a date format",
        compileDateOutput,
      )("How to write the date: a pattern of Java's DateTimeFormatter; by default ISO 8601 with milliseconds."),
    ),
    timezone: timezone("The time zone of dates that name none, and of what is written.", { default: "UTC" }),
  })("Reads a date."),
  compile: ({ field, formats, target, timezone: zone, output_format: write = defaultOutput }) => {
    const [source, into] = [readPath(field), writePath(target)];
    const read = (text: string, now: number): string | undefined => {
      for (const one of formats) {
        const instant = one(text, { zone, now });
        if (instant !== undefined && isWritable(instant)) return write(instant, zone);
      }
      return undefined;
    };
    // Logs often have many lines of one second in a row.
    let last: { readonly text: string; readonly now: number; readonly date: string } | undefined;
    return (draft, { ingested: now }) => {
      const value = draft.get(source);
      if (typeof value !== "string" && typeof value !== "number" && !(value instanceof ExactNumber))
        return unfit(source, value, "a text or a number");
      const text = String(value);
      if (last?.text !== text || last.now !== now) {
        const date = read(text, now);
        if (date === undefined) return { failed: `${shown(value)} fits none of the formats` };
        last = { text, now, date };
      }
      draft.set(into, last.date);
      return undefined;
    };
  },
});

/** From the year 0 to 9999. */
const isWritable = (instant: number): boolean => instant >= -62_167_219_200_000 && instant < 253_402_300_800_000;

const defaultOutput: DateWriter = (instant, zone) => isoIn(zone, instant);
