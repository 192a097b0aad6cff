import { isScalar, type Scalar, visit } from "yaml";
import type { Report } from "./report.ts";
import type { Path, Place, SourceFile } from "./source-file.ts";
import type { YamlFile } from "./yaml-file.ts";

/** What references are resolved with. */
export interface ReferenceLookup {
  /** An environment variable; `undefined` when it is not set. */
  env(name: string): string | undefined;
  /** The text of a file; throws an error whose message says why it cannot be read. */
  readFile(path: string): string;
}

/** A piece of a text value: as written, its value, and where that came from (`nowhere`: a problem was reported). */
export interface ReferencePart {
  readonly written: string;
  readonly value: string;
  readonly from: "text" | "env" | "file" | "nowhere";
}

/** The parts of every value that has references. */
export type Origins = ReadonlyMap<Scalar, readonly ReferencePart[]>;

/**
 * Replaces `${env:NAME}`, `${env:NAME:-default}` (used when the variable is unset or empty) and `${file:PATH}` (without
 * its last line break) in the values of a parsed file; `$${` is a literal `${`. The result is always one text value.
 */
export const resolveReferences = (file: YamlFile, report: Report, surroundings: ReferenceLookup): Origins => {
  const origins = new Map<Scalar, readonly ReferencePart[]>();
  const resolver = new Resolver(file, report, surroundings);
  visit(file.document, {
    // The data of tests is literal, as what arrives at a running pipeline is.
    Pair: (_key, { key }, ancestors) =>
      ancestors.length === 2 && isScalar(key) && key.value === "tests" ? visit.SKIP : undefined,
    Scalar(key, scalar) {
      if (key === "key" || typeof scalar.value !== "string" || !scalar.value.includes("${")) return;
      const parts = resolver.partsOf(scalar, scalar.value);
      origins.set(scalar, parts);
      file.replace(scalar, parts.map(({ value }) => value).join(""));
    },
  });
  return origins;
};

/** The parts of the value at a path; none when it has no references. A file without any need not be parsed for it. */
export const partsAt = (file: SourceFile, origins: Origins, path: Path): readonly ReferencePart[] => {
  if (origins.size === 0) return [];
  const scalar = file.scalar(path);
  return (scalar && origins.get(scalar)) ?? [];
};

class Resolver {
  readonly #file: YamlFile;
  readonly #report: Report;
  readonly #surroundings: ReferenceLookup;

  constructor(file: YamlFile, report: Report, surroundings: ReferenceLookup) {
    this.#file = file;
    this.#report = report;
    this.#surroundings = surroundings;
  }

  partsOf(scalar: Scalar, text: string): ReferencePart[] {
    const pieces = text.split(/(\$\$\{|\$\{[^}]*\}?)/).filter((piece) => piece !== "");
    return pieces.map((written) => {
      if (written === "$${") return { written, value: "${", from: "text" };
      if (!written.startsWith("${")) return { written, value: written, from: "text" };
      return { written, ...this.#follow(written, this.#placeOf(scalar, written)) };
    });
  }

  #placeOf(scalar: Scalar, written: string): Place {
    const [from, to] = scalar.range ?? [0, 0];
    // The reference is in the file as it is in the value, unless the scalar escapes part of it.
    const at = this.#file.text.slice(from, to).indexOf(written);
    return at < 0 ? this.#file.placeAt(from, to) : this.#file.placeAt(from + at, from + at + written.length);
  }

  #follow(written: string, place: Place): Omit<ReferencePart, "written"> {
    const [, kind, rest = ""] = /^\$\{(env|file):([^}]+)\}$/.exec(written) ?? [];
    if (kind === "file") return this.#fileText(rest, written, place);
    const [, name, fallback] = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s.exec(rest) ?? [];
    if (name) return this.#variable(name, fallback, place);
    this.#report.error("config/wrong-reference", place, [written], hintFor(written));
    return nowhere;
  }

  #fileText(path: string, written: string, place: Place): Omit<ReferencePart, "written"> {
    try {
      const value = this.#surroundings.readFile(path).replace(/\r?\n$/, "");
      this.#report.hide(value, written);
      return { value, from: "file" };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      this.#report.error("config/unreadable-file", place, [path, cause]);
      return nowhere;
    }
  }

  #variable(name: string, fallback: string | undefined, place: Place): Omit<ReferencePart, "written"> {
    const value = this.#surroundings.env(name);
    if (fallback !== undefined) return { value: value || fallback, from: "env" };
    if (value !== undefined) return { value, from: "env" };
    this.#report.error("config/unset-variable", place, [name], `Set it, or give a default: \${env:${name}:-…}.`);
    return nowhere;
  }
}

const nowhere = { value: "", from: "nowhere" } as const;

const hintFor = (written: string): string => {
  const asText = 'For a literal "${" write "$${".';
  const [, name] = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(written) ?? [];
  if (name) return `Did you mean "\${env:${name}}"? ${asText}`;
  return written.endsWith("}") ? asText : `A "}" is missing. ${asText}`;
};
