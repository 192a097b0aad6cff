import { isObject } from "../json.ts";
import type { Options, Schema } from "../option/option.ts";
import type { Plugin } from "../plugin.ts";
import { componentOptions } from "./host-options.ts";
import { mapLeaves } from "./leaves.ts";
import { type Origins, partsAt } from "./references.ts";
import { Report } from "./report.ts";
import { readShell } from "./shell.ts";
import type { Path } from "./source-file.ts";
import { userIn } from "./text-words.ts";
import { YamlFile } from "./yaml-file.ts";

const mask = "******";

/** Values of options with secrets masked: secret options, and everything that was read from a file. */
export const maskValues = (
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
  { file, origins }: { readonly file: YamlFile; readonly origins: Origins },
): Record<string, unknown> =>
  mapLeaves(options, values, path, (schema, value, at) => {
    if (schema["kind"] === "secret") return mask;
    const parts = partsAt(file, origins, at);
    if (!parts.some(({ from }) => from === "file")) return value;
    return parts.map((part) => (part.from === "file" ? mask : part.value)).join("");
  });

/**
 * The text of a pipeline with secrets, and users in URLs, replaced by stars one for one, so that places stay. What may be a secret
 * with a misspelled name is replaced, too.
 */
export const maskText = (text: string, plugins: readonly Plugin[]): string => {
  const file = new YamlFile("", text);
  /** What is shown in place of a piece of the text, by where it begins. */
  const masked = new Map<number, string>();
  const hide = (at: Path, starred: (written: string) => string) => {
    const [from, to] = file.scalar(at)?.range ?? [0, 0];
    const written = text.slice(from, to);
    const shown = starred(written);
    // A value with an anchor can be a secret of one component only: it is masked for all.
    if (shown !== written) masked.set(from, shown);
  };
  for (const { kind, path, values } of readShell(plainValue(file), new Report(file))) {
    const plugin = plugins.find(({ name, kind: other }) => other === kind && name === values?.["type"]);
    if (!values) continue;
    const options = plugin ? componentOptions(plugin) : {};
    mapLeaves(options, values, path, (schema, value, at) => {
      hide(at, (written) => starred(written, value, schema));
      return value;
    });
    const mayBeSecret = hasSecret(options);
    for (const [at, value] of unknownValues(options, values, path))
      if (mayBeSecret || at.some((part) => secretName.test(String(part))))
        hide(at, (written) => (isReference(value) ? written : stars(written)));
  }
  const pieces: string[] = [];
  let end = 0;
  for (const [from, shown] of [...masked].sort(([a], [b]) => a - b)) {
    pieces.push(text.slice(end, from), shown);
    end = from + shown.length;
  }
  return [...pieces, text.slice(end)].join("");
};

/** Names that people give to secrets. */
const secretName = /pass|secret|token|credential|auth|key$/i;

const hasSecret = (options: Options): boolean =>
  Object.values(options).some(
    ({ kind, properties }) => kind === "secret" || (kind === "group" && hasSecret(properties as Options)),
  );

/** The single values that no option takes, or not in this shape. */
function* unknownValues(
  options: Options,
  values: Readonly<Record<string, unknown>>,
  path: Path,
): Generator<readonly [Path, unknown]> {
  for (const [name, value] of Object.entries(values)) {
    if (name === "type" || name === "inputs") continue;
    const schema = Object.hasOwn(options, name) ? options[name] : undefined;
    const at = [...path, name];
    if (schema === undefined || Array.isArray(value) !== (schema["items"] !== undefined))
      yield* singleValues(value, at);
    else if (schema["kind"] !== "group") {
      if (schema["kind"] !== "map" && isObject(value)) yield* singleValues(value, at);
    } else if (isObject(value)) yield* unknownValues(schema["properties"] as Options, value, at);
    else yield [at, value];
  }
}

function* singleValues(value: unknown, at: Path): Generator<readonly [Path, unknown]> {
  if (typeof value !== "object" || value === null) yield [at, value];
  else
    for (const [name, inner] of Object.entries(value))
      yield* singleValues(inner, [...at, Array.isArray(value) ? Number(name) : name]);
}

/** Stars for the whole of a secret, and for the user and password of a URL. */
const starred = (written: string, value: unknown, { kind }: Schema): string => {
  const secret = kind === "secret" ? written : typeof value === "string" ? userIn(value) : undefined;
  if (secret === undefined || isReference(value)) return written;
  return written.includes(secret) ? written.replace(secret, stars) : stars(written);
};

const stars = (text: string): string => text.replace(/\S/g, "*");

const isReference = (value: unknown): boolean => typeof value === "string" && /^\$\{[^}]*\}$/.test(value);

const plainValue = (file: YamlFile): unknown => {
  try {
    return file.document.toJS({ maxAliasCount: 100 });
  } catch {
    return undefined;
  }
};
