import { filter } from "rxjs";
import { defineTransform } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "errors_only",
  summary: "Keeps events with the level error.",
  options: {},
  create: () =>
    eachBatch(
      filter((event) => event.data["level"] === "error"),
      { consumed: "not_an_error" },
    ),
});
