import { type Data, isObject } from "../../json.ts";

/** An item of an exception list as an exception in a file of weir, or why it is none. */
export type Converted = { readonly exception: Data } | { readonly why: string };

/** What is known of the list that an item is in. */
export interface ListOf {
  /** The rules that it is for, as an exception names them. */
  readonly rules: readonly string[];
  readonly name: string;
  /** `endpoint_trusted_apps` and so on. */
  readonly type: string;
}

/** Finds the file of a value list by its id; `undefined` if there is none. */
export type ValueListOf = (id: string) => string | undefined;

/** Lists with these types are for rules; all others tell Elastic's agents what to do on hosts. */
const forRules: ReadonlySet<string> = new Set(["detection", "rule_default", "endpoint"]);

/** An exception made from an item as Kibana exports it. */
export const exceptionOf = (item: Data, list: ListOf, valueListOf: ValueListOf): Converted => {
  if (!forRules.has(list.type)) return { why: `its list has the type "${list.type}", which is for agents on hosts` };
  if (list.rules.length === 0) return { why: `the id of its list has a "*", and no rule in the export names it` };
  try {
    const entries = [...entriesIn(item["entries"], valueListOf), ...systems(item["os_types"])];
    return {
      exception: {
        name: nameOf(item),
        rules: list.rules,
        reason: reasonOf(item, list),
        ...(typeof item["created_by"] === "string" && { owner: item["created_by"] }),
        ...(typeof item["expire_time"] === "string" && { expires: item["expire_time"] }),
        entries,
      },
    };
  } catch (error) {
    if (!(error instanceof NoCounterpart)) throw error;
    return { why: error.message };
  }
};

/** The name of an item, for people. */
export const nameOf = (item: Data): string => {
  const [name] = [item["name"], item["item_id"]].filter((one) => typeof one === "string" && one !== "");
  return name === undefined ? "without a name" : String(name);
};

class NoCounterpart extends Error {}

const reasonOf = ({ comments, description }: Data, { name }: ListOf): string => {
  const texts = [comments].flat().flatMap((each) => (isObject(each) ? [each["comment"]] : []));
  const said = [...texts, description].filter((text) => typeof text === "string" && text.trim() !== "");
  return said.length > 0 ? said.join("; ") : `It is in the exception list "${name}" of Kibana.`;
};

const entriesIn = (entries: unknown, valueListOf: ValueListOf): readonly Data[] => {
  if (!Array.isArray(entries) || entries.length === 0) throw new NoCounterpart("it has no entries");
  return entries.map((entry) => {
    if (!isObject(entry)) throw new NoCounterpart("one of its entries is not an object");
    return entryOf(entry, valueListOf);
  });
};

const plain: ReadonlySet<unknown> = new Set(["match", "match_any", "wildcard", "exists"]);
const listTypes: ReadonlySet<unknown> = new Set(["keyword", "ip", "ip_range"]);

const entryOf = ({ field, type, operator, value, list, entries }: Data, valueListOf: ValueListOf): Data => {
  const own = { field, type, ...(operator !== undefined && { operator }) };
  if (plain.has(type)) return { ...own, ...(value !== undefined && { value }) };
  if (type === "nested") return { ...own, entries: entriesIn(entries, valueListOf) };
  if (type !== "list" || !isObject(list)) throw new NoCounterpart(`it has an entry of the type "${type}"`);
  const { id, type: listType } = list;
  if (!listTypes.has(listType)) throw new NoCounterpart(`it names a value list of the type "${listType}"`);
  const file = valueListOf(String(id));
  if (file === undefined)
    throw new NoCounterpart(`its value list is not there: export "${id}" from Kibana to a file beside this one`);
  return { ...own, list: { file, type: listType } };
};

/** An item for some operating systems is for events of hosts with one of them. */
const systems = (types: unknown): readonly Data[] =>
  Array.isArray(types) && types.length > 0 ? [{ field: "host.os.type", type: "match_any", value: types }] : [];
