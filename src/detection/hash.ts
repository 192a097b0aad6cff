/** Turns text into 32 hexadecimal digits: 128 bits of a hash for which nobody can find a second text. */
export type Hash = (text: string) => string;

/** Texts as one text from which they can be read again: different lists never give the same, whatever they contain. */
export const tuple = (...parts: readonly (string | number)[]): string => JSON.stringify(parts);
