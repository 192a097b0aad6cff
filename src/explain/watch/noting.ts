import type { Note } from "../../transform/transform.ts";
import type { Visit } from "../visit.ts";

/** Also writes down in a visit what a transform counts. */
export const noting =
  (visit: Visit, note: Note): Note =>
  (name, count) => {
    visit.notes.push(String(name));
    note(name, count);
  };
