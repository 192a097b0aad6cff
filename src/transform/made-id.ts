/** The id of an event that a component made from its state; `id` is the component's own name for it. */
export const madeId = (component: string, epoch: number, id: string): string => `${component}/${epoch}/${id}`;
