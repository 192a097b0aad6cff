import { defineCodec } from "weir";
import { parseLogfmt } from "weir/formats";

export default defineCodec({
  name: "logfmt",
  summary: 'Each record is pairs such as level=info msg="hello world".',
  options: {},
  notes: `
Values are texts, in double quotes if they contain spaces. A key alone is \`true\`, and a key that occurs again becomes a list.
To make numbers of some values, use \`convert\` in a \`remap\`.
`,
  decode: () => parseLogfmt,
});
