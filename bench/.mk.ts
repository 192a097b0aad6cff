import { knownTerms, mixed, termEvents } from "/work/wt/table/bench/support/terms.ts";

const t = performance.now();
console.log(knownTerms(1_000_000), performance.now() - t);
console.log(
  termEvents("new-1000000000", 60000, (i) => 1e9 + i).path,
  termEvents("known-1000000", 60000, (i) => mixed(i + 7, 1_000_000)).path,
);
