import { type Option, schemaFor } from "../option/option.ts";

/** Text in a given form, such as a UUID; `title` names the form. */
export const formed =
  (title: string, pattern: string) =>
  (description: string): Option<string> =>
    schemaFor<string>({ title, type: "string", pattern, description });

export const uuid = formed("a UUID", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$");
