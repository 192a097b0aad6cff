export { badges } from "./badges.js";
export { first_entry } from "./first-entry.js";
export { ledger } from "./ledger.js";
export { pairs } from "./pairs.js";
