import { defineTransform, type Event, withData } from "weir";

export default defineTransform({
  name: "shout",
  summary: "Writes the message in capitals.",
  options: {},
  each: () => (event: Event) =>
    withData(event, { ...event.data, message: String(event.data["message"]).toUpperCase() }),
});
