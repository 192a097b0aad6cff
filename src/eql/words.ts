/** Words that cannot be the name of a field without backquotes. */
export const keywords: ReadonlySet<string> = new Set(
  "and any by false in join like maxspan not null of or regex sample sequence true until where with".split(" "),
);

const PLAIN = /^[A-Za-z_@][A-Za-z0-9_]*$/;

/** Whether a name needs no quotes. */
export const isPlainName = (name: string): boolean => PLAIN.test(name) && !keywords.has(name);
