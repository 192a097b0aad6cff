/** Marks up text for a terminal. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const style = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const same = (text: string) => text;

export const plain: Paint = { bold: same, dim: same, red: same, yellow: same, cyan: same };

export const coloured: Paint = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: style(31, 39),
  yellow: style(33, 39),
  cyan: style(36, 39),
};

/** Control characters, those without a width, and those that turn the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Text from an event, made safe to print: what would move the cursor, colour the screen or turn the text around is shown
 * as `\u{1b}`. A client chooses its user agent, and must not choose what an analyst sees.
 */
export const printable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
