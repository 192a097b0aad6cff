import type { Delivery, Option } from "weir";
import { option } from "weir";
import { parseMoment, Template, TemplateError, templatePattern } from "weir/fields";

/** A part of a time, as strftime writes it; a percent sign stands for itself if it is doubled. */
const plain = String.raw`(?:%[YmdHMSF%]|[^\{\}%\p{C}])`;

/** What the keys of objects begin with. */
export const keyPrefixOption: Option<string> = {
  ...option.text(
    "What the keys of objects begin with. `{{ field }}` inserts a value of the event, `%Y`, `%m`, `%d`, `%H`, `%M`, `%S` and `%F` (`%Y-%m-%d`) parts of its time in UTC; `%%` is a percent sign.",
    { default: "date=%F/", examples: ["audit/{{ orchestrator.cluster.name:-main }}/%Y/%m/%d/%H/"] },
  ),
  title: "text with placeholders such as {{ field }} and %Y",
  pattern: `^${templatePattern(plain)}$`,
};

/** The longest key that S3 takes is 1,024 bytes; the name of the object is part of it. */
const longest = 900;

/** The beginning of the key of an event's object. It depends on the event alone. */
export class KeyPrefix {
  readonly #template: Template;

  constructor(text: string) {
    this.#template = new Template(text);
  }

  /** Throws a TemplateError if the event has no value for a placeholder, or one that cannot be part of a key. */
  render({ data, meta }: Pick<Delivery, "data" | "meta">): string {
    const time = new Date(timeOf(data["@timestamp"]) ?? meta.ingested).toISOString();
    const text = this.#template.render(data, inOneName, meta);
    const key = text.replace(/%([YmdHMSF%])/g, (_, part: string) => partOf(time, part));
    if (Buffer.byteLength(key) > longest)
      throw new TemplateError(`"${key.slice(0, 40)}…" is too long for a key: the limit is ${longest} bytes`);
    if (/(^|\/)\.{1,2}(\/|$)/.test(key))
      throw new TemplateError(`"${key.slice(0, 100)}" cannot be part of a key, because of a name that is "." or ".."`);
    return key;
  }
}

/** A value cannot change how deep the key is, and a percent sign in it stands for itself. */
const inOneName = (value: string): string =>
  value
    .toWellFormed()
    .replace(/[/\p{C}]/gu, "_")
    .replaceAll("%", "%%");

/** Years of four digits only: everything else is no time of an event. */
const timeOf = (value: unknown): number | undefined => {
  const at = typeof value === "string" || typeof value === "number" ? parseMoment(String(value))?.at : undefined;
  return at !== undefined && at >= Date.UTC(0) && at < Date.UTC(10_000, 0) ? at : undefined;
};

/** `time` as in 2006-01-02T15:04:05.000Z. */
const partOf = (time: string, part: string): string => {
  if (part === "%") return part;
  if (part === "F") return time.slice(0, 10);
  const [year, month, day, hour, minute, second] = time.split(/\D/);
  return { Y: year, m: month, d: day, H: hour, M: minute, S: second }[part]!;
};
