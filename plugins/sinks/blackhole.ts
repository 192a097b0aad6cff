import { defineSink } from "weir";

export default defineSink({
  name: "blackhole",
  summary: "Discards every event. For benchmarks and for trying out a pipeline.",
  options: {},
  discards: true,
  open: () => ({ write: async () => undefined }),
});
