import { stringify } from "yaml";
import type { Pipeline } from "./load.ts";

/** A checked pipeline as YAML: references resolved, defaults filled in, secrets masked. */
export const printConfig = ({ shown }: Pipeline): string => stringify(shown, { lineWidth: 0 });
