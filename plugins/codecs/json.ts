import { type Data, defineCodec, RejectError } from "weir";
import { isObject, kindOf, parseJson } from "weir/fields";

export default defineCodec({
  name: "json",
  summary: "Each record is one JSON object.",
  options: {},
  notes: `
A record is one object as JSON.parse accepts it, nested at most 512 levels deep; anything else goes to the dead letter. As
long as no transform changes an event, sinks get it as it was written, with the same digits and the same order of members.
`,
  // The host reads JSON faster, and keeps the text of the record. What it accepts is the same.
  decode: () => (text) => {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      throw new RejectError("not_json", (error as Error).message);
    }
    if (!isObject(value)) throw new RejectError("not_an_object", `the record is ${kindOf(value)}`);
    return value as Data;
  },
});
