/** How a page is written. */
export interface Page {
  /** In columns. */
  readonly width: number;
  bold(text: string): string;
  dim(text: string): string;
  /** Text as an item of a list, on lines that fit. */
  wrapped(text: string): readonly string[];
}

/** `color`: with the styles of a terminal. */
export const pageOf = (width: number, color: boolean): Page => {
  const style = (code: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const wrapped = (text: string): readonly string[] => {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
      const last = lines.at(-1);
      if (last !== undefined && last.length + word.length + 1 <= width - 4) lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
    }
    return lines.map((line, index) => `${index === 0 ? "- " : "  "}${line}`);
  };
  return { width, bold: style(1), dim: style(2), wrapped };
};

/** A whole number with commas between thousands: `1,204,331`. */
export const numberText = (number: number): string => String(Math.round(number)).replace(/\B(?=(?:\d{3})+$)/g, ",");

/** A number of things for people: `1,204 events`. */
export const countText = (count: number, one: string): string =>
  `${numberText(count)} ${count === 1 ? one : `${one}s`}`;

/** An average: one digit after the point, if it is below 10. */
export const rateText = (rate: number): string => {
  if (rate === 0) return "0";
  if (rate < 0.1) return "< 0.1";
  return rate < 10 ? rate.toFixed(1) : numberText(rate);
};

/** From one time to another, in UTC, in ISO 8601. */
export const timesText = (first: string, last: string): string => {
  const minutes = (time: string) => time.slice(0, 16).replace("T", " ");
  const isSameDay = first.slice(0, 10) === last.slice(0, 10);
  return `${minutes(first)} to ${isSameDay ? last.slice(11, 16) : minutes(last)} UTC`;
};
