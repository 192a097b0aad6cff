/** Where a text is no JSON any more, in UTF-16 units, after JSON.parse has thrown `error` for it; 0 if another error was thrown. */
export const placeOfJsonError = (text: string, error: Error): number => {
  if (!(error instanceof SyntaxError)) return 0;
  const named = /at position (\d+)/.exec(error.message);
  if (named) return Math.min(Number(named[1]), text.trimEnd().length);
  if (!isUnexpected(error.message)) return text.trimEnd().length;
  // The message names the character without its place: it is at the end of the shortest beginning that fails like this.
  let [below, above] = [0, text.length];
  while (below < above) {
    const middle = (below + above) >> 1;
    if (isUnexpected(messageOf(text.slice(0, middle)))) above = middle;
    else below = middle + 1;
  }
  return below - 1;
};

/** What JSON.parse says is wrong, without the place and the text around it. */
export const jsonErrorText = ({ message }: Error): string =>
  message.replace(/ in JSON at position \d.*$/s, "").replace(/, (\.\.\.)?".*$/s, "");

const isUnexpected = (message: string): boolean => message.startsWith("Unexpected token");

const messageOf = (text: string): string => {
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return (error as Error).message;
  }
};
