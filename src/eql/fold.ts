const ASCII = /^[\u0000-\u007f]*$/;

/**
 * The text without regard to letter case: two texts are equal but for it if these are. Each UTF-16 unit stands for itself,
 * as in a regular expression that ignores case, so positions do not move.
 */
export const fold = (text: string): string => {
  if (ASCII.test(text)) return text.toLowerCase();
  let folded = "";
  for (let at = 0; at < text.length; at++) folded += foldUnit(text[at]!);
  return folded;
};

const foldUnit = (unit: string): string => {
  const upper = unit.toUpperCase();
  if (upper.length !== 1) return unit;
  const lower = upper.toLowerCase();
  return lower.length === 1 ? lower : upper;
};
