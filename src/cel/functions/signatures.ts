/** Functions by their signatures: `string.charAt(int): string`. */
export type Signatures = Readonly<Record<string, (...values: never[]) => unknown>>;
