export type { Rejection } from "./batch.ts";
