import type { Option } from "weir";
import { type Draft, type Edit, isObject, kindOf, type WritePath } from "weir/fields";
import type { KqlOptions } from "weir/kql";
import type { StepTrace } from "./trace.ts";

/** What a step did, if not simply its work: it failed, or the event ends here. */
export type StepEnd =
  | { readonly failed: string }
  | { readonly dropped: string }
  | { readonly rejected: { readonly reason: string; readonly message: string } };

/** The failure that steps under `on_failure` take care of. */
export interface StepFailure {
  readonly step: string;
  readonly message: string;
}

/** What an action can know beside the data of the event. */
export interface StepContext {
  /** The host's timestamp of the event, in milliseconds since 1970. */
  readonly ingested: number;
  /** In steps under `on_failure`: what failed. */
  readonly failure?: StepFailure | undefined;
  /** In `weir explain`. */
  readonly trace?: StepTrace | undefined;
}

/** One action on an event. It changes the draft, or it says why not: then what it has changed is undone. */
export type Action = (draft: Draft, context: StepContext) => StepEnd | undefined;

/** A kind of step. */
export interface Step<T = unknown> {
  /** What the step has as its value. */
  readonly option: Option<T>;
  /**
   * The actions of a step; several if each of its fields may fail by itself. Throws if the value cannot be used. `queries` is
   * for its queries: the types of fields.
   */
  compile(value: T, queries?: KqlOptions): Action | readonly Action[];
  /** The same as edits, if no value has to be read for it. Only for a value that can be used. */
  edits?(value: T): readonly Edit[] | undefined;
}

export const defineStep = <T>(step: Step<T>): Step<T> => step;

/** A field that a step reads does not have what it needs. `wanted`: such as `a text`. */
export const unfit = ({ text }: WritePath, value: unknown, wanted: string): StepEnd => ({
  failed:
    value === undefined ? `the event has no field "${text}"` : `"${text}" is ${shown(value)}, which is not ${wanted}`,
});

/** A value for a message: in quotes, and short. */
export const shown = (value: unknown): string => {
  if (isObject(value) || Array.isArray(value)) return kindOf(value);
  const text = String(value);
  return typeof value === "string" ? `"${cut(text)}"` : cut(text);
};

const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text);
