import { defineCodec, option } from "weir";

export default defineCodec({
  name: "key_values",
  summary: "Reads pairs of keys and values, such as `user=marta status=200`.",
  options: {
    between: option.text("What is between a key and its value.", { default: "=" }),
  },
  decode:
    ({ config: { between } }) =>
    (text) => {
      const data: Record<string, string> = {};
      for (const pair of text.split(" ")) {
        const at = pair.indexOf(between);
        if (at < 1) throw new Error(`"${pair}" is not a pair`);
        data[pair.slice(0, at)] = pair.slice(at + between.length);
      }
      return data;
    },
});
