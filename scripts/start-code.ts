import type { Plugin } from "rolldown";

/**
 * Makes files that a start reads quickly. V8 keeps a text with any character beyond ASCII in twice the memory, and what Node caches of it
 * is checked in a third form. And Node makes a module around each of its own that is imported, for which it loads what is behind all
 * names of it, needed or not.
 */
export const startCode: Plugin = {
  name: "start-code",
  generateBundle(_, bundle) {
    for (const file of Object.values(bundle)) if (file.type === "chunk") file.code = inAscii(takenFromNode(file.code));
  },
};

/** An import of a module of Node, as Rolldown writes them: each on a line, before all other code. */
const ofNode = /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{ ([^}]*) \})? ?from "(node:[^"]+)";$/;

/** What a start can do without is loaded when it is used: together these take as long as a whole Node. */
const onDemand = new Set("child_process dgram http https readline tls v8 vm".split(" ").map((name) => `node:${name}`));

const takenFromNode = (code: string): string => {
  const lines = code.split("\n");
  const rest = lines.findIndex((line) => !/^(import |\/\/|$)/.test(line));
  const taken: string[] = [];
  const imports = lines.slice(0, rest).filter((line) => {
    const [all, whole, space = whole, names = "", name = ""] = ofNode.exec(line) ?? [];
    if (all === undefined) return true;
    for (const variable of new Set([whole, space])) if (variable) taken.push(wholeModule(variable, name));
    taken.push(...partsOf(names, name));
    return false;
  });
  return [...imports, ...taken, ...lines.slice(rest)].join("\n");
};

const moduleOf = (name: string) => `process.getBuiltinModule("${name}")`;

const wholeModule = (variable: string, name: string): string =>
  onDemand.has(name)
    ? `const ${variable} = new Proxy({}, { get: (_, name) => ${moduleOf(name)}[name] });`
    : `const ${variable} = ${moduleOf(name)};`;

/** `names`: such as `hash, connect as connectTls`. A function can be looked up by each call of it, a class or a constant cannot. */
const partsOf = (names: string, name: string): string[] => {
  const parts = names === "" ? [] : names.split(", ").map((part) => part.split(" as "));
  const later = parts.filter(([own = ""]) => onDemand.has(name) && /^[a-z]/.test(own) && own !== "constants");
  const now = parts.filter((part) => !later.includes(part)).map((part) => part.join(": "));
  return [
    ...(now.length > 0 ? [`const { ${now.join(", ")} } = ${moduleOf(name)};`] : []),
    ...later.map(([own, variable = own]) => `const ${variable} = (...given) => ${moduleOf(name)}.${own}(...given);`),
  ];
};

/** A text in JSON or JavaScript, with escapes for all characters beyond ASCII. */
export const escaped = (text: string): string =>
  text.replace(/[^\x00-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** The same code in ASCII. Where a backslash is taken as it stands, an escape would not be the same. */
const inAscii = (code: string): string => {
  const raw = /\\[^\x00-\x7f]|String\.raw`[^`]*[^\x00-\x7f]/.exec(code);
  if (raw) throw new Error(`write this with an escape, such as "\\u2026": ${raw[0]}`);
  return escaped(code);
};
