/** Hashes text to 32 hexadecimal digits: 128 bits of a hash for which no second preimage can be found. */
export type Hash = (text: string) => string;

/** Encodes a list of texts as one text. Different lists always give different texts, whatever they contain. */
export const tuple = (parts: readonly (string | number)[]): string => JSON.stringify(parts);
