import { defineCodec, option } from "weir";
import { Draft, writePath } from "weir/fields";
import { FormatError, parseCsv } from "weir/formats";

const character = option.compiled("one character", (text) => {
  if (text.length !== 1) throw new Error("it has another length");
  return text;
});

export default defineCodec({
  name: "csv",
  summary: "Each record is a line of values with a character between them (RFC 4180).",
  options: {
    columns: option.list(option.field, { minItems: 1 })("The fields that the values become, in order.", {
      examples: [["@timestamp", "source.ip", "user.name"]],
    }),
    separator: character("What is between two values.", { default: "," }),
    quote: character("What is around a value that contains a separator.", { default: '"' }),
    trim: option.boolean("Whether to remove white space around values without quotes.", { default: false }),
    empty_value: option.optional(option.json("What an empty value becomes; by default it is left out.")),
  },
  notes: `
Values are texts. A line with more values than columns goes to the dead letter; with fewer, the last columns are left out. A
line with names of columns is read like the others: drop it with a \`filter\`, or with \`drop\` in a \`remap\`. A value that
contains a line end ends with its line, which then goes to the dead letter because its quote is not closed.
`,
  decode: ({ config }) => {
    const paths = config.columns.map(writePath);
    return (text) => {
      const values = parseCsv(text, config);
      if (values.length > paths.length)
        throw new FormatError(`the line has ${values.length} values, and there are ${paths.length} columns`);
      const draft = new Draft({});
      for (const [index, value] of values.entries()) {
        const shown = value === "" ? config.empty_value : value;
        if (shown !== undefined) draft.set(paths[index]!, shown);
      }
      return draft.data;
    };
  },
});
