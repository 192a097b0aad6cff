import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestOf, type EcsTable, ecsModule } from "./ecs-table.ts";

/** Writes src/fields/ecs-fields.ts from the npm package @elastic/ecs, which it downloads to a temporary folder. */
const usage = "Usage: node --conditions=weir-source scripts/ecs.ts VERSION";

interface EcsField {
  readonly type: string;
  readonly ignore_above?: number;
}

const [version] = process.argv.slice(2);
if (version === undefined) {
  console.error(usage);
  process.exit(64);
}
const folder = await mkdtemp(join(tmpdir(), "weir-ecs-"));
try {
  const run = (command: string, args: readonly string[]) =>
    execFileSync(command, args, { cwd: folder, encoding: "utf8" });
  const [pack] = JSON.parse(run("npm", ["pack", "--json", `@elastic/ecs@${version}`])) as {
    readonly filename: string;
    readonly integrity: string;
  }[];
  run("tar", ["xzf", pack!.filename]);
  const { EcsFlat } = createRequire(join(folder, "package/"))("./generated/ecs_flat.js") as {
    readonly EcsFlat: Readonly<Record<string, EcsField>>;
  };
  const table = Object.groupBy(Object.keys(EcsFlat), (name) => {
    const { type, ignore_above } = EcsFlat[name]!;
    return ignore_above === undefined ? type : `${type} ${ignore_above}`;
  });
  const module = ecsModule(table as EcsTable, { version, integrity: pack!.integrity });
  await writeFile(fileURLToPath(new URL("../src/fields/ecs-fields.ts", import.meta.url)), module);
  console.log(`wrote src/fields/ecs-fields.ts; set ecsDigest in scripts/ecs-table.ts to "${digestOf(module)}"`);
} finally {
  await rm(folder, { recursive: true });
}
