import { defineTransform, option, withData } from "weir";

export default defineTransform({
  name: "label",
  summary: "Gives every event a label.",
  options: {
    key: option.text("The label's name, under `labels`.", { examples: ["cluster"] }),
    value: option.text("What the label says.", { examples: ["paris-1"] }),
  },
  each:
    ({ config: { key, value } }) =>
    (event) => {
      const labels = { ...(event.data["labels"] as object | undefined), [key]: value };
      return withData(event, { ...event.data, labels });
    },
});
