import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../end-to-end/weir.ts";

/** What the command on a page gives to the user of weir: what follows its name. */
export const rightsIn = (page: string): readonly string[] => {
  const command = /ACL SETUSER weir (.*)/.exec(readFileSync(join(root, page), "utf8"))?.[1];
  if (command === undefined) throw new Error(`${page} has no command that sets up the user`);
  return command.trim().split(" ");
};
