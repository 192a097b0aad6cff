import { option } from "weir";
import { type WritePath, writePath } from "weir/fields";
import { defineStep, shown } from "../step.ts";
import { ignore_missing, onText } from "./on-text.ts";

/** A key of a dissect pattern, and the text behind it. */
export interface Key {
  readonly name: string;
  /** `read`: a field; `append`: more of a field; `skip`: nothing; `name` and `value`: a field whose name is in the text. */
  readonly use: "read" | "append" | "skip" | "name" | "value";
  /** The order among the parts of a field that is appended to. */
  readonly order: number;
  /** The text behind it may be repeated. */
  readonly isPadded: boolean;
  readonly delimiter: string;
}

export interface Pattern {
  readonly before: string;
  readonly keys: readonly Key[];
}

const mostKeys = 1000;

/** As Elasticsearch's dissect processor reads it. */
const parsePattern = (text: string): Pattern => {
  const parts = text.split(/%\{([^}]*)\}/);
  const [before = ""] = parts;
  const keys: Key[] = [];
  for (let at = 1; at < parts.length; at += 2) keys.push(keyOf(parts[at]!, parts[at + 1]!));
  if (keys.length === 0) throw new Error("it has no key such as %{name}");
  if (keys.length > mostKeys) throw new Error(`it has ${keys.length} keys; at most ${mostKeys} are supported`);
  const read = keys.filter(({ use }) => use === "read").map(({ name }) => name);
  const twice = read.find((name, at) => read.indexOf(name) < at);
  if (twice !== undefined) throw new Error(`"%{${twice}}" is there twice: "%{+${twice}}" appends to it`);
  const inner = keys.slice(0, -1).find(({ delimiter }) => delimiter === "");
  if (inner)
    throw Object.assign(new Error(`there is nothing between "%{${inner.name}}" and the next key`), {
      offset: text.indexOf("}%{") + 1,
    });
  for (const use of ["name", "value"] as const)
    for (const key of keys.filter((one) => one.use === use))
      if (!keys.some((other) => other.name === key.name && other.use === (use === "name" ? "value" : "name")))
        throw new Error(`"${key.name}" needs both %{*${key.name}} and %{&${key.name}}`);
  return { before, keys };
};

const uses = { "+": "append", "?": "skip", "*": "name", "&": "value" } as const;

const keyOf = (written: string, delimiter: string): Key => {
  const isPadded = written.endsWith("->");
  const text = isPadded ? written.slice(0, -2) : written;
  const [, sign = "", name = "", order = "0"] = /^([+?*&]?)(.*?)(?:\/(\d{1,4}))?$/.exec(text) ?? [];
  if (/[+?*&]/.test(name) || (name === "" && "+*&".includes(sign) && sign !== ""))
    throw new Error(`"%{${written}}" is no key: a name comes after at most one of +, ?, * and &`);
  const use = name === "" ? "skip" : sign === "" ? "read" : uses[sign as keyof typeof uses];
  return { name, use, order: Number(order), isPadded, delimiter };
};

/** The texts of the keys, in order; undefined if the text does not have the pattern. */
const cut = ({ before, keys }: Pattern, text: string): readonly string[] | undefined => {
  if (!text.startsWith(before)) return undefined;
  const found: string[] = [];
  let at = before.length;
  for (const { delimiter, isPadded } of keys) {
    const end = delimiter === "" ? text.length : text.indexOf(delimiter, at);
    if (end < 0) return undefined;
    found.push(text.slice(at, end));
    at = end + delimiter.length;
    if (isPadded && delimiter !== "") while (text.startsWith(delimiter, at)) at += delimiter.length;
  }
  return found;
};

export const dissect = defineStep({
  option: option.group({
    field: option.field("The text to cut."),
    pattern: option.compiled("a dissect pattern", parsePattern)(
      "Keys with the text between them. `%{name}` is a field, `%{}` and `%{?name}` are left out, `%{+name}` appends (`%{+name/2}`: in this order), `%{name->}` allows for padding, and `%{*name}` with `%{&name}` is a field whose name is in the text.",
      { examples: ["%{clientip} %{ident} %{auth} [%{@timestamp}]"] },
    ),
    append_separator: option.text("What to put between parts that are appended.", { default: "" }),
    ignore_missing,
  })("Cuts a text into fields at fixed texts."),
  compile: (config) => {
    const { pattern, append_separator } = config;
    const fields = fieldsOf(pattern);
    const pairs = pairsOf(pattern);
    return onText(config, (text, draft) => {
      const texts = cut(pattern, text);
      if (!texts) return { failed: `the pattern does not match ${shown(text)}` };
      for (const [name] of pairs)
        if (texts[name] === "") return { failed: `the name of a field is empty in ${shown(text)}` };
      for (const { path, indexes } of fields)
        draft.set(path, indexes.map((index) => texts[index]).join(append_separator));
      for (const [name, at] of pairs) draft.set(writePath(texts[name]!), texts[at]!);
      return undefined;
    });
  },
});

/** The fields of a pattern, each with the keys that it is made of, in order. */
const fieldsOf = ({ keys }: Pattern): readonly { readonly path: WritePath; readonly indexes: readonly number[] }[] => {
  const indexes = [...keys.keys()].filter((index) => keys[index]!.use === "read" || keys[index]!.use === "append");
  return [...Map.groupBy(indexes, (index) => keys[index]!.name)].map(([name, group]) => ({
    path: writePath(name),
    indexes: group.toSorted((a, b) => keys[a]!.order - keys[b]!.order || a - b),
  }));
};

const pairsOf = ({ keys }: Pattern): readonly (readonly [name: number, value: number])[] =>
  keys.flatMap(({ name, use }, index) =>
    use === "name" ? [[index, keys.findIndex((other) => other.use === "value" && other.name === name)] as const] : [],
  );
