import { defineTransform, fieldValues, fingerprint, option } from "weir";
import { compileKql } from "weir/kql";

/** Values of 32 bits, so that a share is exact to a quarter of a billionth. */
const values = 2 ** 32;

export default defineTransform({
  name: "sample",
  summary: "Passes a share of the events, and drops the others.",
  options: {
    share: option.optional(
      option.compiled("a share such as 10% or 0.1", (text) => {
        const [, number, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
        const share = Number(number) / (percent ? 100 : 1);
        if (!(share > 0 && share <= 1)) throw new Error("a share is above 0 and at most 1, which is 100%");
        return share;
      })("The share of events to pass.", { examples: ["10%"] }),
      { excludes: ["one_in"] },
    ),
    one_in: option.optional(option.integer("Passes one of this many events.", { minimum: 1 })),
    by: option.optional(
      option.list(option.field, { minItems: 1 })(
        "Events with the same values in these fields are passed or dropped together; by default each event is on its own.",
      ),
    ),
    keep: option.optional(option.kql("Events that match always pass.")),
  },
  notes:
    "Which events pass depends on their ids alone, or on the values of `by`: when events are read again after a crash, the same ones " +
    "pass. Dropped events are counted as `sampled`.",
  each: ({ config: { share, one_in, by, keep } }) => {
    if (share === undefined && one_in === undefined) throw new Error('it needs "share" or "one_in"');
    const limit = (share ?? 1 / one_in!) * values;
    const always = keep === undefined ? undefined : compileKql(keep);
    const fields = by?.map((field) => fieldValues(field));
    return (event) => {
      if (always?.(event.data, event.meta.ingested)) return event;
      const key = fields ? JSON.stringify(fields.map((read) => read(event.data))) : event.meta.id;
      return Number.parseInt(fingerprint(key).slice(0, 8), 16) < limit ? event : { dropped: "sampled" };
    };
  },
});
