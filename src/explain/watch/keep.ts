import type { Event } from "../../event.ts";
import { madeId } from "../../transform/made-id.ts";
import type { Keeper, KeepStep, KeepTools, Revealed, StepResult, Tick } from "../../transform/transform.ts";
import type { Journal } from "../journal.ts";
import { noting } from "./noting.ts";
import type { WatchedState } from "./state.ts";

interface Watch {
  readonly id: string;
  readonly journal: Journal;
  readonly state: WatchedState;
}

export const watchedKeep = (step: KeepStep | Keeper, watch: Watch): Keeper => {
  const keeper: Keeper = typeof step === "function" ? { event: step } : step;
  const event: KeepStep = (event, tools) => watchedEvent(keeper, watch, event, tools);
  return {
    ...keeper,
    event,
    ...(keeper.tick && { tick: (tick: Tick) => watchedTick(keeper, watch, tick) }),
  };
};

const watchedEvent = (keeper: Keeper, watch: Watch, event: Event, tools: KeepTools): StepResult => {
  const { id, journal, state } = watch;
  const visit = journal.enter(id, event);
  const made: Revealed[] = [];
  const emit = (what: Revealed) => {
    tools.emit(what);
    made.push(what);
  };
  state.uses.hasWritten = false;
  try {
    const result = keeper.event(event, { ...tools, note: noting(visit, tools.note), emit, trace: visit.trace });
    journal.descend(event, visit.returned(event, result));
    // An event that is rejected leaves nothing behind.
    if (visit.rejected.some((part) => part.id === visit.id)) {
      visit.sent = [];
      return result;
    }
    visit.hasWritten = state.uses.hasWritten;
    visit.wake = state.uses.wake;
    for (const what of made) {
      const name = madeId(id, tools.epoch, what.id);
      visit.made.push(name);
      journal.made(id, name, what, event.meta.ingested);
    }
    return result;
  } catch (error) {
    journal.failed(visit, event, error);
    throw error;
  }
};

const watchedTick = (keeper: Keeper, { id, journal, state }: Watch, tick: Tick): unknown => {
  state.uses.wake = undefined;
  const emit = (what: Revealed): boolean => {
    const hasRoom = tick.emit(what);
    journal.made(id, madeId(id, tick.epoch, what.id), what, tick.now);
    return hasRoom;
  };
  // A promise is an error that the host reports.
  const trace: Tick["trace"] = (event, step) => journal.visitOf(id, event)?.later(tick.now, step);
  return keeper.tick?.({ ...tick, emit, trace });
};
