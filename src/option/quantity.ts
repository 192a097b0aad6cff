/** How a duration is written, such as `30s`. */
export const durationPattern = "^[0-9]+(ms|s|m|h|d)$";

/** How a duration above zero is written. */
export const windowPattern = "^0*[1-9][0-9]*(ms|s|m|h|d)$";

/** How a size above zero is written, such as `16MiB`. */
export const sizePattern = "^0*[1-9][0-9]*(B|KiB|MiB|GiB|KB|MB|GB)?$";

const milliseconds: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** The longest duration, in milliseconds: times that are this far away can still be computed and written. */
const longest = 365_000 * 86_400_000;

/** A written duration, such as `30s`, in milliseconds. Throws if it is longer than 365000 days. */
export const durationOf = (text: string): number => {
  const duration = Number.parseInt(text, 10) * milliseconds[text.replace(/^\d+/, "")]!;
  if (duration > longest) throw new Error("durations are at most 365000d, which is 1,000 years");
  return duration;
};

/** A duration in the largest unit that divides it, as pipelines write it: `7d`, `90m`, `250ms`. */
export const durationText = (duration: number): string => {
  const unit = Object.keys(milliseconds).find((name) => duration !== 0 && duration % milliseconds[name]! === 0) ?? "ms";
  return `${duration / milliseconds[unit]!}${unit}`;
};

const words: Readonly<Record<string, readonly [one: string, name: string]>> = {
  d: ["24 hours", "days"],
  h: ["60 minutes", "hours"],
  m: ["60 seconds", "minutes"],
  s: ["1 second", "seconds"],
  ms: ["1 millisecond", "milliseconds"],
};

/** A written duration, such as `7d`, for a sentence: `7 days`. One unit is so many of the next smaller one. */
export const durationWords = (text: string): string => {
  const [, count = "", unit = "ms"] = /^0*(\d+?)(ms|s|m|h|d)$/.exec(text) ?? [];
  const [one, name] = words[unit]!;
  return count === "" ? text : count === "1" ? one : `${count} ${name}`;
};

const bytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** A written size, such as `16MiB`, in bytes. */
export const bytesOf = (text: string): number => Number.parseInt(text, 10) * bytes[text.replace(/^\d+/, "")]!;

/** A size in the largest unit that divides it, as pipelines write it: `16MiB`, `1000B`. */
export const sizeText = (size: number): string => {
  const unit = ["GiB", "MiB", "KiB"].find((name) => size % bytes[name]! === 0) ?? "B";
  return `${size / bytes[unit]!}${unit}`;
};

/** Units of time that people write but weir does not accept. */
const otherTimes: Readonly<Record<string, number>> = {
  msec: 1,
  millisecond: 1,
  sec: 1_000,
  second: 1_000,
  min: 60_000,
  minute: 60_000,
  hr: 3_600_000,
  hour: 3_600_000,
  day: 86_400_000,
  w: 604_800_000,
  week: 604_800_000,
};

/** The duration that a text such as `1w`, `1m30s` or `5 minutes` means, as pipelines write it. */
export const durationMeant = (text: string): string | undefined => {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})? ?[a-z]+ ?)+$/i.test(text)) return undefined;
  const parts = [...text.matchAll(/([\d.]+) ?([a-z]+)/gi)].map(([, amount, word = ""]) => {
    const unit = word.toLowerCase();
    const singular = unit.replace(/(?<=..)s$/, "");
    return Number(amount) * (milliseconds[unit] ?? otherTimes[unit] ?? otherTimes[singular] ?? Number.NaN);
  });
  const total = parts.reduce((sum, part) => sum + part, 0);
  return Number.isSafeInteger(total) && total <= longest ? durationText(total) : undefined;
};

/** The size that a text such as `16 MiB`, `16mb` or `1.5G` means, as pipelines write it. */
export const sizeMeant = (text: string): string | undefined => {
  const [, amount, prefix = "", binary, isBytes] =
    /^(\d{1,9}(?:\.\d{1,9})?) ?([kmg]?)(i?)(b|bytes?)?$/i.exec(text) ?? [];
  if (amount === undefined || (binary && !prefix)) return undefined;
  // A letter alone, as in 16M, may mean either: suggest the larger, binary unit.
  const unit = prefix === "" ? "B" : `${prefix.toUpperCase()}${binary || !isBytes ? "i" : ""}B`;
  if (Number.isSafeInteger(Number(amount))) return `${Number(amount)}${unit}`;
  const size = Number(amount) * bytes[unit]!;
  return Number.isSafeInteger(size) ? sizeText(size) : undefined;
};
