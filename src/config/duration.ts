const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A written duration, such as `30s`, in milliseconds. */
export const durationOf = (text: string): number => Number.parseInt(text, 10) * milliseconds[text.replace(/^\d+/, "")]!;
