import type { Catalogs } from "../option/decoder.ts";
import type { Origins } from "./references.ts";
import type { Report } from "./report.ts";
import type { Path, SourceFile } from "./source-file.ts";
import type { YamlFile } from "./yaml-file.ts";

/** What the values of options are read with: the file that they are in, and where their problems go. */
export interface FileReading<File extends SourceFile = YamlFile> {
  readonly file: File;
  readonly report: Report;
  readonly origins: Origins;
  readonly catalogs: Catalogs;
}

/** The same of a file in any format. */
export type AnyReading = FileReading<SourceFile>;

/** What the options belong to: its name for messages, and its place in the file. */
export interface Owner {
  readonly name: string;
  readonly path: Path;
}
