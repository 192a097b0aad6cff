import type { DatabaseSync } from "node:sqlite";

/** Scopes are named after their component and a slash, and "0" is the character after that. */
const ofComponent = "(component = ?1 OR (component > ?1 || '/' AND component < ?1 || '0'))";

const deletions = [
  "DELETE FROM checkpoint WHERE source = ?1",
  `DELETE FROM state WHERE ${ofComponent}`,
  "DELETE FROM state_size WHERE component = ?1",
  `DELETE FROM swept WHERE ${ofComponent}`,
  "DELETE FROM keeper WHERE component = ?1",
  "DELETE FROM outbox_end WHERE outbox = ?1",
  "DELETE FROM segment WHERE outbox = ?1",
  "DELETE FROM delivered WHERE outbox = ?1",
  "DELETE FROM held WHERE outbox = ?1",
];

/** Deletes all rows of a component. Call it within a transaction. */
export const forgetRows = (database: DatabaseSync, component: string): void => {
  for (const text of deletions) database.prepare(text).run(component);
};
