import type { Event } from "../../event.ts";

/** A place where events can be watched as they pass: the inputs of a component, or one of its outputs. */
export class TapPoint {
  readonly component: string;
  /** The name of the output; `undefined` for the default output, and for inputs. */
  readonly output: string | undefined;
  /** Called with each part of a batch that passes. `undefined` while nobody watches, which is all that a batch checks. */
  watch: ((events: readonly Event[]) => void) | undefined;

  constructor(component: string, output: string | undefined) {
    this.component = component;
    this.output = output;
  }

  /** As in `inputs` of a pipeline: `route`, `route.errors`. */
  get name(): string {
    return this.output === undefined ? this.component : `${this.component}.${this.output}`;
  }
}
