import { tap } from "rxjs";
import { defineTransform } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "long_messages",
  summary: "Logs a warning for each message of more than 10,000 characters.",
  options: {},
  create: ({ log }) =>
    eachBatch(
      tap(({ data, meta }) => {
        const { length } = String(data["message"]);
        if (length > 10_000) log.warn(`the message of "${meta.id}" has ${length} characters`);
      }),
    ),
});
