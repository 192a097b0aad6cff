/** The first and the last of each group of runs that take place at the same time, so that one works while another waits. */
export const groupsOf = (runs: number, together: number): { readonly first: number; readonly last: number }[] =>
  Array.from({ length: Math.ceil(runs / together) }, (_, group) => ({
    first: group * together,
    last: Math.min(runs, (group + 1) * together) - 1,
  }));
