export { Command, type Exit, exitWords } from "./command.ts";
export { ErrorLines } from "./error-lines.ts";
export { type CommandConfig, commandOptions } from "./options.ts";
