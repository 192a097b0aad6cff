import {
  longestBlock,
  longestEscaped,
  longestName,
  longestPart,
  longestRecord,
  mostAlternatives,
  mostLeaves,
  mostMembers,
  mostParts,
} from "./limits.ts";

// Where things are in the memory of a scanner, as byte addresses. The host writes the tables, and the scanner reads them;
// WebAssembly and the plain scanner share them. Numbers have 32 bits, if nothing else is said. Also read by the compiler of
// AssemblyScript, so these are plain numbers without a type.

/** What the host sets: how many leaves there are, and the bytes of a set of alternatives, a multiple of 16. */
export const leafCountAt = 1024;
export const setBytesAt = 1028;

/** 1 if a line may begin with what a container runtime writes before it. */
export const hasPrefixesAt = 1032;

/** The address of the object that is an envelope: a text in it is a record; or 0. */
export const envelopeAt = 1036;

/** What the last scan found: how many records it scanned, how many it found, and up to which byte of the block it came. */
export const recordsAt = 1040;
export const foundCountAt = 1044;
export const reachedAt = 1048;

/** 1 if a text in these records may have a byte above 0x7f. */
export const hasOthersAt = 1052;

/** How many members the last record had that was outlined. */
export const outlineCountAt = 1056;

/** By byte: the type of a value that begins with it, as a bit; 0: none does. */
export const typesAt = 2048;
export const stringType = 1;
export const numberType = 2;
export const booleanType = 4;
export const nullType = 8;
export const objectType = 16;
export const arrayType = 32;

/** By byte: whether it may follow a backslash: 1; `u`, which four hexadecimal digits follow: 2. */
export const escapesAt = 2304;

/** By byte: 1 if it is a hexadecimal digit. */
export const hexDigitsAt = 2560;

/** By byte that follows a backslash, but for `u`: the byte that both stand for. */
export const unescapedAt = 2816;

/** Masks of 16 bytes: of mask n, the first n bytes are 255. */
export const masksAt = 3072;

/** By hash of a name: the address of a member, or 0. */
export const bucketsAt = 4096;
export const bucketCount = 256;

/** Objects of a plan, the root first. */
export const objectsAt = 5120;
export const objectBytes = 16;
/** 1 if other members are asked, 2 if those with a dot in their names or without a name are. */
export const othersOffset = 0;
export const askOthers = 1;
export const askPaths = 2;
/** How many members must be there. */
export const requiredOffset = 4;
/** The leaves in it, at any depth: a bit for each. */
export const leavesOffset = 8;
// At 12, the scanner in WebAssembly has a place of its own.

/** Members of a plan. */
export const membersAt = 8192;
export const memberBytes = 48;
/** The address and the length of its name. */
export const nameOffset = 0;
export const nameLengthOffset = 4;
/** The address of the object it is a member of. */
export const ownerOffset = 8;
/** The address of another member in the same bucket, or 0. */
export const nextOffset = 12;
/** The types that it may have. */
export const memberTypesOffset = 16;
/** 1 if it must be there, else 0. */
export const isRequiredOffset = 20;
/** The address of its own object, or 0. */
export const objectOffset = 24;
/** The number of its leaf plus one, or 0. */
export const leafOffset = 28;
/** Written by the scanner: the visit to its object in which it was last seen. */
export const visitOffset = 32;
// At 36, the scanner in WebAssembly has a place of its own.

/** Names of members, in UTF-8. */
export const namesAt = membersAt + mostMembers * memberBytes;
/** Room for a name: 16 bytes may be read at once. */
export const nameBytes = longestName + 17;

/**
 * Leaves: addresses of sets for no value, for other texts or 0, and for any value or 0; and which of four bytes are a window of
 * the leaf's parts, as a mask, or 0 if no parts are given.
 */
export const leavesAt = namesAt + mostMembers * nameBytes;
export const leafBytes = 16;
export const absentOffset = 0;
export const otherTextsOffset = 4;
export const openOffset = 8;
export const windowOffset = 12;

/** Written by the scanner: where the value of each leaf begins and ends, and which kind of text it is, if it is one and not empty. */
export const spansAt = leavesAt + mostLeaves * leafBytes;
export const spanBytes = 16;
export const spanEndOffset = 4;
export const textKindOffset = 8;
export const noText = 0;
export const plainText = 1;
export const escapedText = 2;

/** After the leaves: the text that is a record. */
export const textLeaf = mostLeaves;

/**
 * Sets of alternatives: the one that is being made, the one of a text with parts, all alternatives, three for each leaf, and those
 * of known values.
 */
export const currentSetAt = spansAt + (mostLeaves + 1) * spanBytes;
export const mostSetBytes = mostAlternatives / 8;
export const textSetAt = currentSetAt + mostSetBytes;
export const allAlternativesAt = textSetAt + mostSetBytes;
export const leafSetsAt = allAlternativesAt + mostSetBytes;
export const knownSetsAt = leafSetsAt + mostLeaves * 3 * mostSetBytes;
export const knownSetsBytes = 262144;

/** By hash of a window: a bit, which is 1 if a part has such a window. */
export const windowBitsAt = knownSetsAt + knownSetsBytes;
const windowBitCount = 65536;

/** By some bits of the hash of a window: the address of a part, or 0. */
export const windowSlotsAt = windowBitsAt + windowBitCount / 8;
export const windowSlotCount = 2048;

/**
 * Parts: the address of another one in the same slot or 0, the leaf, the length of the text, where its window is in it, the
 * address of the set, and the text, in which the bit of 0x20 is 1 in every byte.
 */
export const partsAt = windowSlotsAt + windowSlotCount * 4;
export const partLeafOffset = 4;
export const partLengthOffset = 8;
export const partWindowOffset = 12;
export const partSetOffset = 16;
export const partTextOffset = 32;
export const partBytes = partTextOffset + longestPart;

/** What a text may say that has the part. The 16 bytes before the first set may be read along with the last part. */
export const partSetsAt = partsAt + mostParts * partBytes + 16;
export const partSetsBytes = 262144;

/** Known values by hash: its hash and the address of the value, or 0. A slot that is taken is followed by the next. */
export const slotsAt = partSetsAt + partSetsBytes;
export const slotCount = 16384;
export const slotBytes = 8;

/** Known values: the leaf, the length, the address of the set, and after this the bytes as written in a record. */
export const valuesAt = slotsAt + slotCount * slotBytes;
export const valuesBytes = 1048576;
export const valueLengthOffset = 4;
export const valueSetOffset = 8;
export const valueBytesOffset = 16;
/** How many values can be known: half of the slots, so that few are followed. */
export const mostKnown = slotCount / 2;

/** Records that were found: where it begins and ends in the block, why, the leaf, and where its value begins and ends. */
export const foundAt = valuesAt + valuesBytes;
export const foundBytes = 24;
export const mostFound = 4096;
export const foundEndOffset = 4;
export const whyOffset = 8;
export const foundLeafOffset = 12;
export const valueStartOffset = 16;
export const valueEndOffset = 20;

/** Why a record was found. */
export const passedOver = 0;
export const isWanted = 1;
export const isAsked = 2;
export const isUnknown = 3;

/** Members of a record that was outlined: where the name begins and ends, quotes included, and where the value does. */
export const outlineAt = foundAt + mostFound * foundBytes;
export const mostOutlined = 64;

/** Hashes of the names in all objects that are open, while a record is outlined: only WebAssembly does that. @public */
export const namesNotedAt = outlineAt + mostOutlined * 16;
/** How many of them there can be. @public */
export const mostNames = 4096;

/** The block, and bytes after it that are 0 and end every text; as many may be read past its end. */
export const blockAt = namesNotedAt + mostNames * 4 + 16;
export const blockPadding = 64;

/** A text that is a record, without its escapes, and bytes after it that are 0. 16 bytes may be written at once. */
export const textAt = blockAt + longestBlock + blockPadding;
const textBytes = longestRecord + blockPadding + 16;

/** A text that is a value, without its escapes. 16 bytes may be written at once, and read before and after it. */
export const valueTextAt = textAt + textBytes + 16;
const valueTextBytes = longestEscaped + 32;

export const memoryPages = (valueTextAt + valueTextBytes + 65535) >> 16;
export const memoryBytes = memoryPages * 65536;
