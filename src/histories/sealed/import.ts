import { baselineId } from "../../baseline/ids.ts";
import { doneStream } from "../../baseline/source.ts";
import { namesScope } from "../../detection/new-terms/term-names.ts";
import { isSetBack } from "../../ingestion-time.ts";
import type { StateRows, StateWriter } from "../../storage/state-rows.ts";
import { historiesIn } from "../histories.ts";
import type { Budget } from "./budget.ts";
import type { SealedLine, StoredComponent, StoredSpace } from "./form.ts";
import { rowsOf, type StoredKey } from "./keys.ts";
import { changedRules, differenceOf, type Keeping } from "./maker.ts";
import { hasSealed, sealedSpaces } from "./spaces.ts";

export interface SealedOptions {
  /** The components that will go on with the state; without them, only histories can be imported. */
  readonly keeping?: ReadonlyMap<string, Keeping> | undefined;
  /** Imports only histories, and leaves out the rest. */
  readonly onlyHistories?: boolean | undefined;
  /** Forgets first what a component remembers. */
  readonly replaces?: boolean | undefined;
  /** Leaves out rules and components that the pipeline does not have, or has in another form. */
  readonly skipsChanged?: boolean | undefined;
  /** Another component for the histories. */
  readonly into?: string | undefined;
  /** In milliseconds since 1970. */
  readonly now: number;
}

/** Puts what is sealed back where it was, in components that remember nothing of the kind. Throws an error for people. */
export class SealedImport {
  readonly #rows: StateRows;
  readonly #writer: StateWriter;
  readonly #budget: Budget;
  readonly #options: SealedOptions;
  readonly #seen = new Set<string>();
  /** What was left out, and why. */
  readonly left: string[] = [];
  components = 0;
  keys = 0;
  /** The component whose lines come, unless it is left out, and the rules of it that are. */
  #component: { readonly id: string; readonly skipped: ReadonlyMap<string, string> } | undefined;
  /** The key space whose keys come; `undefined` if they are left out. */
  #space: string | undefined;
  #isBegun = false;

  constructor(rows: StateRows, writer: StateWriter, budget: Budget, options: SealedOptions) {
    this.#rows = rows;
    this.#writer = writer;
    this.#budget = budget;
    this.#options = options;
  }

  add(line: SealedLine): void {
    if (line.kind === "component") this.#begin(line.component);
    else if (line.kind === "space") this.#enter(line.space);
    else this.#key(line.key);
  }

  #begin(component: StoredComponent): void {
    const { id, maker } = component;
    const { keeping, onlyHistories, into, replaces, skipsChanged } = this.#options;
    if (this.#seen.has(id)) throw new Error(`the component "${id}" comes twice`);
    this.#seen.add(id);
    this.#component = undefined;
    this.#space = undefined;
    this.#isBegun = false;
    if (onlyHistories) return;
    if (into !== undefined)
      throw new Error(
        `the ids of alerts depend on the id of "${id}", so its state cannot go to another component. Add --histories to import only its histories`,
      );
    if (!keeping)
      throw new Error(
        `what "${id}" remembers belongs to its rules and options. Name the pipeline that will go on with it with --pipeline, or add --histories to import only its histories`,
      );
    const to = keeping.get(id)?.maker;
    const difference = differenceOf(id, maker, to);
    const changed = difference === undefined ? changedRules(id, maker, to!) : new Map<string, string>();
    for (const reason of difference === undefined ? changed.values() : [difference]) {
      if (!skipsChanged)
        throw new Error(
          `${reason}. Import it with the pipeline that it was exported with, and change that afterwards, or leave out with --skip-changed what has changed`,
        );
      this.left.push(reason);
    }
    if (difference !== undefined) return;
    if (replaces) {
      this.#writer.forget(id);
      this.#writer.forget(baselineId(id));
    } else this.#mustBeEmpty(id);
    this.#restore(component);
    this.#component = { id, skipped: changed };
    this.components++;
  }

  /** What is counted twice, or continued from two places, would be wrong. */
  #mustBeEmpty(id: string): void {
    const spaces = sealedSpaces(this.#rows, id, historiesIn(this.#rows));
    if (this.#rows.keeper(id) || spaces.some((space) => hasSealed(this.#rows, space)))
      throw new Error(
        `"${id}" remembers something already, and only histories can be merged. Add --replace to forget all of it first, or --histories to add only the histories`,
      );
  }

  #restore({ id, wake, mark, epoch, clock, baseline }: StoredComponent): void {
    if (wake !== undefined || mark !== undefined || epoch > 0)
      this.#writer.keeper({ component: id, wake, mark, epoch });
    // A clock that was ahead is not worth having.
    if (clock > 0 && !isSetBack(this.#options.now, clock)) this.#writer.clock(clock);
    if (baseline !== undefined) this.#writer.checkpoint(baselineId(id), doneStream, baseline);
  }

  #enter({ component, scope, swept }: StoredSpace): void {
    if (!this.#seen.has(component) || (this.#component && this.#component.id !== component))
      throw new Error(`the line about the component "${component}" must come before it`);
    this.#isBegun = true;
    this.#space = undefined;
    const names = scope.split("/");
    if (names.includes(namesScope)) throw new Error(`a space "${namesScope}" belongs to a history`);
    if (!this.#component || this.#component.skipped.has(names[0]!)) return;
    this.#space = scope === "" ? component : `${component}/${scope}`;
    if (swept !== undefined) this.#writer.swept(this.#space, swept);
  }

  #key(stored: StoredKey): void {
    if (!this.#isBegun) throw new Error('a line with "space" must come before it');
    if (this.#space === undefined) return;
    for (const { key, value, expires } of rowsOf(stored)) {
      this.#budget.grow(this.#component!.id, key, value);
      if (!this.#writer.add(this.#space, key, value, expires)) throw new Error("its key comes twice in this space");
    }
    this.keys++;
  }
}
