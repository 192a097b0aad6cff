/** What an input names: a component, and one of its outputs; without an output, the default one. */
export interface OutputReference {
  readonly id: string;
  readonly output: string | undefined;
}

/** `route.errors` is the output "errors" of "route"; ids have no dot. */
export const outputReference = (input: string): OutputReference => {
  const dot = input.indexOf(".");
  return dot < 0 ? { id: input, output: undefined } : { id: input.slice(0, dot), output: input.slice(dot + 1) };
};

/** The id of the component that an input names. */
export const idOf = (input: string): string => outputReference(input).id;

/** Whether a component of a pipeline can have this id. */
export const isComponentId = (text: string): boolean => /^[A-Za-z0-9_-]+$/.test(text);
