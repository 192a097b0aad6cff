import { hash } from "node:crypto";

/** 128 bits of the text's SHA-256 in hexadecimal: the same on every machine. See docs/decisions/0003-fingerprints.md. */
export const fingerprint = (text: string): string => hash("sha256", text, "hex").slice(0, 32);
