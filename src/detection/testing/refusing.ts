import type { State } from "../../state.ts";
import type { Keeper } from "../../transform/transform.ts";

/** The same transform, but it refuses each event that `fails` after it has looked at the event. */
export const refusing =
  (build: (state: State) => Keeper) =>
  (state: State): Keeper => {
    const keeper = build(state);
    return {
      ...keeper,
      event: (event, tools) => {
        const sent = keeper.event(event, tools);
        if (event.data["fails"] === true) throw new Error("refused");
        return sent;
      },
    };
  };
