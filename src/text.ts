/** Characters that a terminal would interpret instead of showing them. */
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** Untrusted text, safe to print: control characters are written as escapes. */
export const printable = (text: string): string =>
  text.replace(controls, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same with one character for each control character, so that columns do not move; a tab stays a tab. */
export const pictured = (text: string): string =>
  text.replace(controls, (character) => {
    if (character === "\t") return character;
    return character < " " ? String.fromCharCode(0x2400 + character.charCodeAt(0)) : "\ufffd";
  });

/** The text, cut to a number of characters, with an ellipsis if it was cut. */
export const shortened = (text: string, length: number): string =>
  text.length <= length ? text : `${text.slice(0, Math.max(0, length - 1))}…`;

const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

/** A number of bytes for people: `1 byte`, `17.2 KiB`. */
export const bytesText = (bytes: number): string => {
  if (bytes === 1) return "1 byte";
  let [amount, unit] = [bytes, 0];
  for (; amount >= 1024 && unit < units.length - 1; unit++) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${units[unit]}`;
};

/** `1 dead letter`, `2 dead letters`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

/** Rows in columns; `right` contains the indexes of the columns that are aligned to the right. */
export const tableText = (rows: readonly (readonly string[])[], right: ReadonlySet<number> = new Set()): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const pad = (cell: string, column: number) =>
    right.has(column) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map((row) => `${row.map(pad).join("  ").trimEnd()}\n`).join("");
};
