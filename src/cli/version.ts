import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version in weir's package.json. */
export const version = (): string => {
  const file = fileURLToPath(import.meta.resolve("weir/package.json"));
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
};
