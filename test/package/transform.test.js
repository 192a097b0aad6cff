// A package's own test, as `node --test` runs it, with nothing installed but weir.
import { defineTransform, withData } from "weir";
import { testTransform } from "weir/testing";

const shout = defineTransform({
  name: "shout",
  summary: "Writes the message in capitals.",
  options: {},
  each: () => (event) => withData(event, { ...event.data, message: String(event.data.message).toUpperCase() }),
});

testTransform(shout, [{ name: "writes capitals", input: [{ message: "ready" }], output: [{ message: "READY" }] }]);
