import { concatMap, from, map } from "rxjs";
import { defineTransform, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "split_lines",
  summary: "Splits a message into lines, and sends each as an event, in order.",
  options: {},
  create: () =>
    eachBatch(
      concatMap((event) =>
        from(String(event.data["message"]).split("\n")).pipe(
          map((message, line) => withData(event, { ...event.data, message }, `${event.meta.id}/${line}`)),
        ),
      ),
    ),
});
