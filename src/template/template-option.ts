import { option } from "../option/option.ts";
import { Template } from "./template.ts";

/** Text with values of the event. */
export const templateOption = option.compiled(
  "text with placeholders such as {{ field }}",
  (text) => new Template(text),
);
