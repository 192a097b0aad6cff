import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memoryPages } from "../src/scan/layout.ts";

/**
 * Compiles src/scan/assembly into src/scan/scanner-code.ts: `npm run scanner`; with --check it writes nothing and fails when the
 * code is not what this would write. The compiler of AssemblyScript, 107 MB, comes from the npm registry when it is needed,
 * and is not installed here; `ASC=path/to/asc` takes another one.
 */
const version = "0.28.20";
const root = fileURLToPath(new URL("..", import.meta.url));
const codePath = "src/scan/scanner-code.ts";
const options = ["-O3", "--enable", "simd", "--runtime", "stub", "--noAssert"];
const memory = ["--initialMemory", `${memoryPages}`, "--maximumMemory", `${memoryPages}`];

const compile = (): Buffer => {
  const folder = mkdtempSync(join(tmpdir(), "weir-scanner-"));
  try {
    const output = join(folder, "scanner.wasm");
    const { ASC } = process.env;
    const [command = "", ...first] =
      ASC === undefined ? ["npm", "exec", "--yes", `--package=assemblyscript@${version}`, "--", "asc"] : [ASC];
    const args = [...first, "src/scan/assembly/index.ts", ...options, ...memory, "-o", output];
    const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"] });
    if (status === 0) return readFileSync(output);
    console.error(`asc ${version} did not compile the scanner${error ? `: ${error.message}` : ""}.`);
    process.exit(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const moduleOf = (code: Buffer): string => `// Generated from src/scan/assembly by asc ${version}: \`npm run scanner\`.

/** The scanner in WebAssembly: ${code.length} bytes, in base64. */
export const scannerCode =
  "${code.toString("base64")}";
`;

const wanted = moduleOf(compile());
if (!process.argv.includes("--check")) writeFileSync(join(root, codePath), wanted);
else if (readFileSync(join(root, codePath), "utf8") !== wanted) {
  console.error(
    `${codePath} does not follow from src/scan/assembly any more. Run \`npm run scanner\` and commit what it writes.`,
  );
  process.exit(1);
}
