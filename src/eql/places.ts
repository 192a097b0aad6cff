const offsets = new WeakMap<object, number>();

/** Notes where in the query's text a part begins. */
export const placed = <Part extends object>(part: Part, offset: number): Part => {
  offsets.set(part, offset);
  return part;
};

/** Where in its query's text a part begins, in UTF-16 units; `undefined` for one that no parser made. */
export const offsetOf = (part: object): number | undefined => offsets.get(part);
