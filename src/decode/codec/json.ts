import { type Data, isObject, kindOf } from "../../json.ts";
import { lastOutline, scanObject } from "../../json-text.ts";
import { type ParsedJson, surveyedJson } from "../../parse-json.ts";
import { CheckedRecord, ParsedRecord } from "../../record-event.ts";
import { type RecordCodec, Unreadable } from "./codec.ts";
import { textTooCostly, tooCostly, tooDeep } from "./record-cost.ts";

/**
 * A record is one JSON object, as accepted by JSON.parse, up to `maxDepth` levels deep. Parses each record immediately, for
 * sources whose events go to transforms.
 */
export const parsedJson: RecordCodec = {
  read: (text, isExact, meta, shared) => {
    const costly = textTooCostly(text);
    if (costly) return costly;
    const parsed = parseObject(text);
    if (parsed instanceof Unreadable) return parsed;
    if (shared && addsTo(parsed.data, shared)) return { data: { ...shared, ...parsed.data }, meta };
    return new ParsedRecord(meta, text, isExact ? undefined : false, parsed);
  },
};

/**
 * Accepts the same records as `parsedJson` but only validates their UTF-8, for sources whose events go straight to sinks, or
 * (`isOutlined`) to transforms that need only some members of them.
 */
const checkedJson = (isOutlined: boolean): RecordCodec => ({
  read: (text, isExact, meta, shared, block, start, end) => {
    // An item of a list is parsed to add what it inherits. A refused record is parsed for the error message.
    const found = shared || tooCostly(block, start, end) ? "refused" : scanObject(block, start, end);
    if (found === "refused") return parsedJson.read(text, isExact, meta, shared, block, start, end);
    const isFaithful = isExact && (found === "distinct" || undefined);
    return new CheckedRecord(meta, text, isFaithful, isOutlined && isFaithful ? lastOutline(text) : undefined);
  },
});

export const scannedJson = checkedJson(false);
export const outlinedJson = checkedJson(true);

const parseObject = (text: string): { readonly data: Data; readonly members: number } | Unreadable => {
  let parsed: ParsedJson;
  try {
    parsed = surveyedJson(text);
  } catch (error) {
    return new Unreadable("not_json", `the record is not JSON: ${(error as Error).message}`);
  }
  const { value, members, isTooDeep } = parsed;
  if (!isObject(value))
    return new Unreadable("not_an_object", `the record is ${kindOf(value)}; it must be a JSON object`);
  return isTooDeep ? tooDeep() : { data: value, members };
};

const addsTo = (data: Data, shared: Data): boolean => Object.keys(shared).some((name) => !Object.hasOwn(data, name));
