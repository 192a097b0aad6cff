import { defineCodec, option } from "weir";

export const pairs = defineCodec({
  name: "pairs",
  summary: "Reads pairs of names and values, such as `door=north badge=17`.",
  options: { between: option.text("What is between a name and its value.", { default: "=" }) },
  decode:
    ({ config: { between } }) =>
    (text) => {
      const data = {};
      for (const pair of text.split(" ")) {
        const [name, value, ...rest] = pair.split(between);
        if (!name || value === undefined || rest.length > 0) throw new Error(`"${pair}" is not a pair`);
        data[name] = value;
      }
      return data;
    },
});
