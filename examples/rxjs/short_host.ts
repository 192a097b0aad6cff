import { map } from "rxjs";
import { defineTransform, eachBatch, withData } from "weir";

export default defineTransform({
  name: "short_host",
  summary: "Cuts host names at their first dot.",
  options: {},
  create: () =>
    eachBatch(map((event) => withData(event, { ...event.data, host: String(event.data["host"]).split(".")[0] }))),
});
