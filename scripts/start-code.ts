import { isBuiltin } from "node:module";
import type { Plugin } from "rolldown";

/**
 * Makes files that a start reads quickly. V8 keeps a text with any character beyond ASCII in twice the memory, and what Node caches of it
 * is checked in a third form. And Node makes a module around each of its own that is imported, for which it loads what is behind all
 * names of it, needed or not. A file that only hands on names of another one is left out where it is loaded on demand.
 */
export const startCode: Plugin = {
  name: "start-code",
  transform: { filter: { id: /[\\/]fdir[\\/]/ }, handler: (code) => withoutPicomatch(code) },
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
    const facades = new Map(chunks.flatMap(({ fileName, code }) => facadeOf(fileName, code) ?? []));
    for (const chunk of chunks) {
      chunk.code = inAscii(takenFromNode(pastFacades(chunk.code, facades)));
      if (facades.has(chunk.fileName) && !chunk.isEntry) delete bundle[chunk.fileName];
    }
  },
};

/** fdir looks for picomatch on the disk, in case somebody calls a method that tinyglobby does not call. tinyglobby has its own. */
const withoutPicomatch = (code: string): string => {
  const lookup = /__require\.resolve\("picomatch"\);\s*pm = __require\("picomatch"\);/;
  if (!lookup.test(code))
    throw new Error("fdir no longer looks for picomatch in this way: see whether a start loads it");
  return code.replace(lookup, "");
};

const parts = "src/parts/";

/** A file with nothing but names of another one: the other one, and its names. */
interface Facade {
  readonly file: string;
  readonly names: readonly (readonly [own: string, name: string])[];
}

const facadeOf = (fileName: string, code: string): [string, Facade][] | undefined => {
  const [, listed = "", file = ""] = /^export \{ ([^}]+) \} from "\.\/([^"]+)";\s*$/.exec(code) ?? [];
  if (file === "" || !fileName.startsWith(parts)) return undefined;
  const names = listed.split(", ").map((each) => each.split(" as ") as [string, string]);
  return [[fileName, { file, names: names.map(([own, name = own]) => [own, name]) }]];
};

/** Imports what is behind a facade. */
const pastFacades = (code: string, facades: ReadonlyMap<string, Facade>): string =>
  code.replace(/import\("\.\/([^"]+)"\)/g, (written, name: string) => {
    const facade = facades.get(parts + name);
    if (!facade) return written;
    const names = facade.names.map(([own, each]) => `${each}: all.${own}`).join(", ");
    return `import("./${facade.file}").then((all) => ({ ${names} }))`;
  });

/** An import from a package or from Node, as Rolldown writes them: each on a line, before all other code. */
const fromOutside = /^import (?:([\w$]+)(?:, )?)?(?:\* as ([\w$]+)|\{ ([^}]*) \})? ?from "([^."][^"]*)";$/;

/** What a start can do without is loaded when it is used: together these take as long as a whole Node. */
const onDemand = new Set("child_process dgram http https readline tls v8 vm".split(" ").map((name) => `node:${name}`));

const takenFromNode = (code: string): string => {
  const lines = code.split("\n");
  const rest = lines.findIndex((line) => !/^(import |\/\/|$)/.test(line));
  const taken: string[] = [];
  const imports = lines.slice(0, rest).filter((line) => {
    const [all, whole, space = whole, names = "", written = ""] = fromOutside.exec(line) ?? [];
    if (all === undefined || !isBuiltin(written)) return true;
    const name = written.replace(/^(?!node:)/, "node:");
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
