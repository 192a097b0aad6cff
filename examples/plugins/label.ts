import { defineTransform, option, withData } from "weir";

export default defineTransform({
  name: "label",
  summary: "Adds a label to every event.",
  options: {
    key: option.text("The label's name, under `labels`.", { examples: ["cluster"] }),
    value: option.text("The value of the label.", { examples: ["paris-1"] }),
  },
  each:
    ({ config: { key, value } }) =>
    (event) => {
      const labels = { ...(event.data["labels"] as object | undefined), [key]: value };
      return withData(event, { ...event.data, labels });
    },
});
