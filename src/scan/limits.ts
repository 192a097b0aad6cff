// Also read by the compiler of AssemblyScript, so these are plain numbers without a type.

/** How many alternatives a plan can have. */
export const mostAlternatives = 2048;

/** How many members a plan can name, of all objects together. */
export const mostMembers = 128;

/** How many leaves a plan can have. */
export const mostLeaves = 32;

/** The longest name of a member that a plan can have, in bytes of UTF-8. */
export const longestName = 255;

/** The longest record that is scanned, in bytes; a longer one is asked. */
export const longestRecord = 65536;

/** The deepest nesting that is scanned; a record with more levels is asked. */
export const deepestRecord = 60;

/** The longest value that can be known, in bytes as written; of a text with escapes, as it would be written without them. */
export const longestValue = 255;

/** How many parts of texts a plan can have, of all leaves together. */
export const mostParts = 2048;

/** At most so many bytes of a part are compared; of a longer part, those about its window. */
export const longestPart = 32;

/** The longest text whose escapes are removed to look it up, in bytes as written. */
export const longestEscaped = 4096;

/** The longest time that a container runtime writes before a line, in bytes. */
export const longestTime = 64;

/** The most bytes that can be scanned at once. */
export const longestBlock = 1048576;
