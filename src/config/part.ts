import type { ExceptionCatalog } from "../detection/exceptions/catalog.ts";
import type { RuleCatalog } from "../detection/rules-option.ts";
import type { Catalog, Catalogs } from "../option/decoder.ts";
import type { Options } from "../option/option.ts";
import type { Result } from "../problem.ts";
import { mapLeaves } from "./leaves.ts";

/** What a component was made of, beside its plugin and its inputs: to find out whether another pipeline has the same. */
export interface Part {
  /** Its options with references resolved and defaults filled in. They contain secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The same, safe to print: secrets are masked. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What the pipeline says about all components, if this one uses it. */
  readonly shared?: Readonly<Record<string, unknown>>;
  /** What its options name and was loaded for it, such as `rule odd_login`. */
  readonly uses: ReadonlyMap<string, unknown>;
  /** The files that it reads when it starts, by the options that name them, such as `tls.certificate`. */
  readonly files: ReadonlyMap<string, string>;
  /** The addresses that it listens on, by option. */
  readonly addresses: ReadonlyMap<string, string>;
}

/** The same catalogs; what is found in them is added to `uses`. */
export const recording = ({ rules, codecs }: Catalogs, uses: Map<string, unknown>): Catalogs => {
  const { select } = rules as RuleCatalog;
  const { exceptionFile, valueList, now } = rules as ExceptionCatalog;
  const recorded = <T>(what: string, catalog: Catalog<T>): Catalog<T> => ({
    names: () => catalog.names(),
    get: (name) => {
      const found = catalog.get(name);
      if (found?.ok) uses.set(`${what} ${name}`, found.value);
      return found;
    },
  });
  const selecting: Pick<RuleCatalog, "select"> = {
    select: (from, filter) => {
      const selected = select?.call(rules, from, filter);
      if (!selected?.isMany) return selected;
      for (const rule of selected.rules) uses.set(`rule ${rule.name}`, rule);
      // So that a rule that is added or removed makes a difference, too.
      uses.set(`list of rules ${from}`, { names: selected.rules.map(({ name }) => name) });
      return selected;
    },
  };
  const read =
    <T>(what: string, find: ((path: string) => Result<T> | undefined) | undefined) =>
    (path: string) => {
      const found = find?.call(rules, path);
      if (found?.ok) uses.set(`${what} ${path}`, found.value);
      return found;
    };
  const excepting: ExceptionCatalog = {
    exceptionFile: read("exception file", exceptionFile),
    valueList: read("value list", valueList),
    now,
  };
  return { rules: { ...recorded("rule", rules), ...selecting, ...excepting }, codecs: recorded("codec", codecs) };
};

/** The texts of options of one kind, by the paths of the options. */
export const valuesOf = (
  wanted: "file" | "address",
  options: Options,
  values: Readonly<Record<string, unknown>>,
): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  mapLeaves(options, values, [], ({ kind }, value, path) => {
    if (kind === wanted && typeof value === "string") found.set(path.join("."), value);
    return value;
  });
  return found;
};
