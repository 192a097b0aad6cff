import { shippedText } from "./shipped.ts";

/** The version in weir's package.json. */
export const version = (): string => (JSON.parse(shippedText("package.json")) as { version: string }).version;
