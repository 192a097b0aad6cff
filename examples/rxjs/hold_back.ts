import { delay } from "rxjs";
import { defineTransform, option } from "weir";
import { eachBatch } from "weir/rxjs";

export default defineTransform({
  name: "hold_back",
  summary: "Delays each batch, so that another system learns of its events first.",
  options: { for: option.duration("The delay.", { default: "2s" }) },
  create: ({ config, scheduler }) => eachBatch(delay(config.for, scheduler)),
});
