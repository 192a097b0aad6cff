import type { FieldTypes } from "../../fields/mappings.ts";
import type { Data } from "../../json.ts";
import { compileKql, type KqlLiteral } from "../../kql/index.ts";
import { atOption, OptionError } from "../../option/option-error.ts";
import { someObject } from "./objects.ts";
import type { Exception, ExceptionEntry, InnerEntry } from "./options.ts";
import { inValueList } from "./value-list.ts";
import { fitsWildcard } from "./wildcard.ts";

/** `now`: when weir received the event, in milliseconds since 1970. */
type Test = (data: Data, now: number) => boolean;

/** Whether an event has all that an exception asks for. Throws an `OptionError` for an entry that makes no sense. */
export const exceptionMatcher = ({ entries }: Pick<Exception, "entries">, types?: FieldTypes): Test => {
  const tests = entries.map((entry, index) => atOption(["entries", index], () => entryTest(entry, types)));
  return (data, now) => tests.every((test) => test(data, now));
};

const entryTest = (entry: ExceptionEntry, types: FieldTypes): Test => {
  checkParts(entry);
  if (entry.type === "list") return signed(entry, inValueList(entry.field, entry.list!, types));
  if (entry.type !== "nested") return fieldTest(entry as InnerEntry, entry.field, types);
  const { field: parent, entries = [] } = entry;
  // One object is looked at by itself, so its fields are not those of nested objects.
  const within = types && Object.fromEntries(Object.entries(types).filter(([name]) => name !== parent));
  const inner = entries.map((each, index) =>
    atOption(["entries", index], () => {
      checkParts(each);
      return fieldTest(each, `${parent}.${each.field}`, within);
    }),
  );
  return signed(entry, (data, now) =>
    someObject(data, parent, (object) => {
      const alone = { [parent]: object };
      return inner.every((test) => test(alone, now));
    }),
  );
};

/** What belongs to each type beside the field and the operator. */
const partOf = {
  match: "value",
  match_any: "value",
  wildcard: "value",
  exists: undefined,
  list: "list",
  nested: "entries",
} as const;

const checkParts = (entry: ExceptionEntry): void => {
  const wanted = partOf[entry.type];
  if (wanted !== undefined && entry[wanted] === undefined)
    throw new OptionError(`an entry of type ${entry.type} needs "${wanted}"`, []);
  for (const part of ["value", "list", "entries"] as const)
    if (part !== wanted && entry[part] !== undefined)
      throw new OptionError(`"${part}" does not belong in an entry of type ${entry.type}`, [part]);
  if (Array.isArray(entry.value) && entry.type !== "match_any")
    throw new OptionError(`an entry of type ${entry.type} has one value`, ["value"], {
      hint: "Write type: match_any for a list of values.",
    });
};

const signed = ({ operator }: Pick<ExceptionEntry, "operator">, test: Test): Test =>
  operator === "excluded" ? (data, now) => !test(data, now) : test;

const anything: KqlLiteral = { type: "wildcard", parts: ["", ""] };

const fieldTest = (entry: InnerEntry, name: string, types: FieldTypes): Test => {
  const { type, value = [] } = entry;
  const field: KqlLiteral = { type: "quoted", value: name };
  const is = (wanted: KqlLiteral) =>
    compileKql({ type: "is", field, value: wanted }, { fields: types, unlisted: "by_value" });
  if (type === "exists") return signed(entry, is(anything));
  const texts = [value].flat().map(String);
  return atOption(["value"], () => {
    if (type === "wildcard") return signed(entry, fitsWildcard(name, texts[0]!, { types }));
    const tests = texts.map((text) => is({ type: "quoted", value: text }));
    return signed(entry, (data, now) => tests.some((test) => test(data, now)));
  });
};
