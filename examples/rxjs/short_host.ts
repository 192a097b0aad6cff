import { map } from "rxjs";
import { defineTransform, withData } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "short_host",
  summary: "Cuts host names at the first dot.",
  options: {},
  create: () =>
    eachBatch(map((event) => withData(event, { ...event.data, host: String(event.data["host"]).split(".")[0] }))),
});
