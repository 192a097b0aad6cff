import type { Event } from "../event.ts";

/** Ids in a pipeline have no colon. */
const ending = ":baseline";

/** The id of the hidden source that reads the baseline of a component. */
export const baselineId = (component: string): string => `${component}${ending}`;

/** The id of the copy of a transform that events of a component's baseline pass on the way. */
export const copyId = (component: string, copied: string): string => `${baselineId(component)}:${copied}`;

/** Whether a component was added to read a baseline, by its id. */
export const isHidden = (id: string): boolean => id.includes(ending);

/** Whether an event was read as part of a baseline, of any component. */
export const isOfBaseline = ({ meta }: Event): boolean => isHidden(meta.source);

/** Whether an event was read as part of the baseline of this component. */
export const isOfBaselineOf = (component: string): ((event: Event) => boolean) => {
  const own = baselineId(component);
  return ({ meta: { source } }) => source === own || source.startsWith(`${own}:`);
};
