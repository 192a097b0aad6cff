import type { Event } from "../../event.ts";
import { ingestionAxis } from "../event-time.ts";
import type { EventTools } from "../rule-type.ts";
import { History } from "./history.ts";
import { lacksOne, looker, versionOf } from "./look.ts";
import type { NewTermsOptions } from "./options.ts";
import { teller } from "./tell.ts";
import { TermNames } from "./term-names.ts";
import { traceMissing } from "./trace.ts";

/**
 * Finds combinations of the fields' values that were not seen in the window before, as a step for `keep`. An event is
 * sent once for each new combination, with the result under `weir.new_terms` (see `NewTerms`) and its own id. An event
 * without a new combination is consumed as `known`, or as `no_terms` if a field has no value. Every event with values
 * becomes history. A term of more than 1,024 UTF-16 units is identified by its beginning and a fingerprint. For all
 * combinations of an event beyond the first 100, the event is sent once more, unless exactly these values are known. If
 * these copies are more than 2 MiB together, each is shortened to its share. The notes `late`, `clamped`, `untimed`,
 * `overflow` and `state_full` (there was no room to remember what was new) count events.
 */
export const newTerms = (options: NewTermsOptions) => {
  const { id, name = id, fields, window, lateness = window, timestamp = ingestionAxis, state, hash } = options;
  const version = versionOf(options);
  const names = new TermNames(state, { id, name, version, fields, window, timestamp });
  const history = new History({ id, version, window, lateness, state, hash, names });
  const { values: valuesOf, look } = looker(options, history.keys);
  const tell = teller(options);

  return (event: Event, tools: EventTools): readonly Event[] | "known" | "no_terms" => {
    const values = valuesOf(event);
    if (lacksOne(values)) {
      if (tools.trace) traceMissing(fields, values, tools.trace);
      return "no_terms";
    }
    const looked = look(event, values);
    const { at, keys, found } = looked;
    return tell(event, looked, history.observe({ at, ingested: event.meta.ingested }, keys, found), tools);
  };
};
