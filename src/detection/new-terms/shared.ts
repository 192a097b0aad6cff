import type { Event } from "../../event.ts";
import { type State, StateFull } from "../../state.ts";
import type { DetectEvent } from "../rule-type.ts";
import type { AskAhead, SharedHistory } from "../shared-history.ts";
import { HistoryKeys } from "./keys.ts";
import { type Look, lacksOne, looker, versionOf } from "./look.ts";
import type { Observation } from "./observe.ts";
import type { NewTermsOptions } from "./options.ts";
import { teller } from "./tell.ts";

/** For how long it is remembered which event was new: a redelivery after that is an event like any other, in milliseconds. */
export const repeatable = 7 * 24 * 3_600_000;
const sweepEvery = 3_600_000;

/**
 * The same as `newTerms` over a shared history, whose answers must be there before an event is handled. An event that was
 * new is new again when it is redelivered, because weir may have been killed before it was committed. If it was committed, it
 * is known, and counted as `repeated`: `state` remembers that.
 */
export const sharedNewTerms = (
  options: NewTermsOptions & { readonly owner: readonly string[]; readonly history: SharedHistory },
): { readonly event: DetectEvent; readonly ask: AskAhead } => {
  const { id, owner, window, lateness = window, state, hash } = options;
  const historyKeys = new HistoryKeys({ hash, id, version: versionOf(options) });
  const { values: valuesOf, look } = looker(options, historyKeys);
  const tell = teller(options);
  const answers = new WeakMap<Event, { readonly look: Look; readonly once: string; seen?: readonly Observation[] }>();
  options.history.needs?.({ window, lateness });
  const raised = new Raised(state.scope("raised"));
  return {
    ask: (event) => {
      const values = valuesOf(event);
      if (lacksOne(values)) return undefined;
      const looked = look(event, values);
      const keys = [...looked.keys];
      const once = historyKeys.key("event", event.meta.id, ...keys);
      return {
        ask: { owner, once, keys, at: looked.at, window, lateness },
        take: (seen) => void answers.set(event, { look: looked, once, seen }),
      };
    },
    event: (event, tools) => {
      if (lacksOne(valuesOf(event))) return "no_terms";
      const answer = answers.get(event);
      if (!answer?.seen) throw new Error("the shared history was not asked about this event");
      const { look: looked, once, seen: observed } = answer;
      const seen = new Map([...looked.keys].map((key, index) => [key, observed[index]!]));
      const isNew = looked.found.some(({ key }) => seen.get(key)!.isNew);
      const first = isNew ? raised.add(once, event.meta.ingested) : "added";
      if (first === "repeated") {
        tools.note("repeated");
        return "known";
      }
      return tell(event, looked, { seen, late: false, full: first === "full" }, tools);
    },
  };
};

/** The events that this weir has raised something for. */
class Raised {
  readonly #state: State;
  #swept = Number.NEGATIVE_INFINITY;

  constructor(state: State) {
    this.#state = state;
  }

  add(once: string, ingested: number): "added" | "repeated" | "full" {
    if (this.#state.get(once) !== undefined) return "repeated";
    if (ingested - this.#swept >= sweepEvery) {
      this.#swept = ingested;
      this.#state.sweep(ingested);
    }
    try {
      this.#state.set(once, "", ingested + repeatable);
      return "added";
    } catch (error) {
      if (!(error instanceof StateFull)) throw error;
      return "full";
    }
  }
}
