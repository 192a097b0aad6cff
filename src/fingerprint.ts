import { hash } from "node:crypto";

/** 128 bits of the content's SHA-256 in hexadecimal: the same on every machine. See docs/decisions/0003-fingerprints.md. */
export const fingerprint = (content: string | Uint8Array): string => hash("sha256", content, "hex").slice(0, 32);
