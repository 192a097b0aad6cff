/** Placeholder until the walk over event data is merged. */
export const soundData = (_data: unknown): string | undefined => undefined;
