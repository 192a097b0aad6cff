import {
  askOthers,
  askPaths,
  bucketCount,
  bucketsAt,
  escapedText,
  isRequiredOffset,
  leafOffset,
  leavesOffset,
  memberTypesOffset,
  nameLengthOffset,
  nameOffset,
  nextOffset,
  noText,
  objectOffset,
  othersOffset,
  ownerOffset,
  plainText,
  requiredOffset,
  typesAt,
  visitOffset,
} from "../layout";
import {
  afterSpace,
  closeBrace,
  colon,
  comma,
  enter,
  forgetEscapes,
  hasEscapes,
  leave,
  openBrace,
  openBracket,
  quote,
  text,
  value,
} from "./grammar";
import { byte, same } from "./memory";
import { forgetValues, noteValue, poolValues } from "./values";

// Objects that the plan knows. They are read as any object, and on the way their members are compared with the plan.

/** In an object: the known member that came first in the last one, or 0. */
const firstOffset = 12;
/** In a member: the known member that followed it, or 0. */
const followerOffset = 36;

/** Whether something in the record is not as the plan says. */
export let isOtherwise: bool = false;

/** The number of planned objects that were begun: the same member in the same visit is a duplicate. */
let visits: u32 = 0;

/** Before each record. */
export function expectAsPlanned(): void {
  isOtherwise = false;
}

/** An object, from its brace; `plan` is the address of what is known of it. */
export function plannedObject(at: usize, plan: usize): usize {
  if (!enter()) return 0;
  const visit = ++visits;
  let missing = load<u32>(plan, requiredOffset);
  // Records are alike: most often, the members have the order that they had in the last one.
  let place: usize = plan + firstOffset;
  at = afterSpace(at + 1);
  if (byte(at) != closeBrace) {
    for (;;) {
      if (byte(at) != quote) return 0;
      const name = at + 1;
      let length: u32 = 0;
      let member = <usize>load<u32>(place);
      if (member && isNameOf(member, name)) {
        at = name + load<u32>(member, nameLengthOffset) + 1;
      } else {
        forgetEscapes();
        at = text(at);
        if (!at) return 0;
        length = <u32>(at - 1 - name);
        member = memberNamed(name, length, plan);
        // With escapes, it may be the name of any member.
        if (hasEscapes) isOtherwise = true;
        else if (member) store<u32>(place, <u32>member);
      }
      at = afterSpace(at);
      if (byte(at) != colon) return 0;
      at = afterSpace(at + 1);
      if (member) {
        place = member + followerOffset;
        if (load<u32>(member, visitOffset) != visit) {
          store<u32>(member, visit, visitOffset);
          missing -= load<u32>(member, isRequiredOffset);
        }
        at = plannedMember(at, member);
      } else {
        if (isAskedFor(name, length, plan)) isOtherwise = true;
        at = value(at);
      }
      if (!at) return 0;
      at = afterSpace(at);
      const c = byte(at);
      if (c == closeBrace) break;
      if (c != comma) return 0;
      at = afterSpace(at + 1);
    }
  }
  if (missing) isOtherwise = true;
  leave();
  return at + 1;
}

/** The value of a member that the plan knows. */
function plannedMember(start: usize, member: usize): usize {
  const first = byte(start);
  if (!(byte(typesAt + first) & load<u32>(member, memberTypesOffset))) isOtherwise = true;
  const object = <usize>load<u32>(member, objectOffset);
  forgetEscapes();
  let end: usize;
  if (object) {
    // The last one of duplicates counts, with nothing of those before.
    const leaves = load<u32>(object, leavesOffset);
    forgetValues(leaves);
    if (first == openBracket) poolValues(leaves, start);
    end = first == openBrace ? plannedObject(start, object) : value(start);
  } else end = value(start);
  if (!end) return 0;
  const isText = first == quote;
  const isEmpty = end - start == 2;
  if (isText && isEmpty && load<u32>(member, isRequiredOffset)) isOtherwise = true;
  const leaf = load<u32>(member, leafOffset);
  if (leaf) noteValue(leaf - 1, start, end, !isText || isEmpty ? noText : hasEscapes ? escapedText : plainText);
  return end;
}

/** Whether the name that begins here is that of a member, which was read before, so that its bytes are sound. */
// @ts-ignore: decorator
@inline
function isNameOf(member: usize, name: usize): bool {
  const length = load<u32>(member, nameLengthOffset);
  return same(name, load<u32>(member, nameOffset), length) && byte(name + length) == quote;
}

/** The member of an object with this name, or 0. */
// @ts-ignore: decorator
@inline
function memberNamed(name: usize, length: u32, plan: usize): usize {
  let member = <usize>load<u32>(bucketsAt + (bucketOf(name, length, <u32>plan) << 2));
  while (member) {
    if (
      load<u32>(member, nameLengthOffset) == length &&
      load<u32>(member, ownerOffset) == <u32>plan &&
      same(name, load<u32>(member, nameOffset), length)
    )
      break;
    member = load<u32>(member, nextOffset);
  }
  return member;
}

/** As the host does it, in tables.ts. The name is between quotes, so that there are bytes also if it is empty. */
// @ts-ignore: decorator
@inline
function bucketOf(name: usize, length: u32, plan: u32): u32 {
  const sum = byte(name) + 5 * byte(name + (length >> 1)) + 17 * byte(name + length - 1) + 67 * length + 3 * (plan >> 4);
  return sum & (bucketCount - 1);
}

/**
 * Whether a record with this other member in an object is asked: any is, or a dot in its name stands for a level below a
 * member that the plan knows.
 */
// @ts-ignore: decorator
@inline
function isAskedFor(name: usize, length: u32, plan: usize): bool {
  const others = load<u32>(plan, othersOffset);
  if (!others) return false;
  return (others & askOthers) != 0 || leadsBelow(name, length, plan);
}

function leadsBelow(name: usize, length: u32, plan: usize): bool {
  for (let at: u32 = 1; at < length; at++)
    if (byte(name + at) == 0x2e /* . */) return memberNamed(name, at, plan) != 0;
  return false;
}
