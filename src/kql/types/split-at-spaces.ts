/** Splits a pattern at its spaces, as a query string does; each piece is a pattern. */
export const splitAtSpaces = (parts: readonly string[]): readonly (readonly string[])[] => {
  const pieces: string[][] = [[]];
  for (const part of parts) {
    const [head = "", ...rest] = part.split(/\s+/);
    pieces.at(-1)!.push(head);
    for (const text of rest) pieces.push([text]);
  }
  return pieces.filter((piece) => piece.length > 1 || piece[0] !== "");
};
