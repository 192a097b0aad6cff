import { defineSink } from "weir";

export default defineSink({
  name: "blackhole",
  summary: "Takes every event and keeps none: for measuring, and for trying a pipeline out.",
  options: {},
  open: () => ({ write: async () => undefined }),
});
