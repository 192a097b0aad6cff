// A program that runs weir inside itself: it raises alerts from an audit log, and gets each one as an object.
// Run it in a checkout, after `npm ci`: node examples/embedded/main.ts
import { fileURLToPath } from "node:url";
import { defineSink, PipelineError, run } from "weir";

const hand = defineSink({
  name: "hand",
  summary: "Hands each event to this program.",
  options: {},
  open: () => ({
    async write(events) {
      for (const { data } of events) console.log(data["kibana.alert.reason"]);
    },
  }),
});

const pipeline = {
  sources: {
    audit: {
      type: "file",
      include: [fileURLToPath(new URL("../audit-sample.log", import.meta.url))],
      read_from: "beginning",
      follow: false,
    },
  },
  transforms: {
    ecs: { type: "kubernetes_audit", inputs: ["audit"] },
    detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
  },
  sinks: { program: { type: "hand", inputs: ["detect"] } },
};

try {
  const weir = await run(pipeline, { plugins: [hand] });
  process.once("SIGTERM", () => void weir.stop());
  const how = await weir.ended;
  const { component_sent_events_total: alerts } = weir.status().components["program"]!;
  console.log(`${how}: ${alerts} alerts`);
} catch (error) {
  if (!(error instanceof PipelineError)) throw error;
  console.error(error.message);
  process.exitCode = 78;
}
