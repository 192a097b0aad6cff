import { delay } from "rxjs";
import { defineTransform, option } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "hold_back",
  summary: "Holds each batch back for a moment, so that another system has heard of its events first.",
  options: { for: option.duration("How long.", { default: "2s" }) },
  create: ({ config, scheduler }) => eachBatch(delay(config.for, scheduler)),
});
