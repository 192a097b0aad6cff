/** Styles text for a terminal. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const style = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;
const unchanged = (text: string) => text;

export const plain: Paint = { bold: unchanged, dim: unchanged, red: unchanged, yellow: unchanged, cyan: unchanged };

export const coloured: Paint = {
  bold: style(1, 22),
  dim: style(2, 22),
  red: style(31, 39),
  yellow: style(33, 39),
  cyan: style(36, 39),
};

/** Control characters, zero-width characters, and those that change the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Makes text from an event safe to print: characters that could move the cursor, set colours or reverse the text become
 * escapes such as `\u{1b}`. A client chooses its own user agent, and must not control an analyst's terminal with it.
 */
export const terminalText = (text: string): string =>
  text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
