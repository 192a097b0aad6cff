import { defineCodec } from "weir";

export default defineCodec({
  name: "text",
  summary: "Each record is text, which becomes the field message.",
  options: {},
  decode: () => (text) => ({ message: text }),
});
