// Note codec
//
// What people read in a range's item: the last error, and an operator's act. Their
// texts share what they are given of a write unit, the most telling first. The facts of an error
// are written whole, and before anything else.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { AttemptError, Loss } from "../../core/attempt-error.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { OperatorAct, RangeRecord } from "../../core/range/range-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { itemBytes } from "./attributes/item-size.ts";
import type { Item } from "./attributes/keys.ts";

type Notes = Pick<RangeRecord, "error" | "operator">;

const NO_TEXTS: Texts = { name: "", by: "", reason: "", message: "" };

/** The attributes for `notes`, in at most `maxBytes`: without one of the two, or either, where not even their names fit. */
export function encodeNotes(notes: Notes, maxBytes: number): Item {
  const { error: cause, operator: act } = notes;
  const errorOnly = omitUndefined({ error: cause });
  const operatorOnly = omitUndefined({ operator: act });
  const either = Object.keys(encodeFacts(cause)).length > 0 ? [errorOnly, operatorOnly] : [operatorOnly];
  const kept: Notes = [notes, ...either].find((one) => bareBytes(one) <= maxBytes) ?? {};
  const { error, operator } = kept;
  const [name = "", by = "", reason = "", message = ""] = cutTexts(
    [error?.name, operator?.by, operator?.reason, error?.message],
    maxBytes - bareBytes(kept),
  );
  return layOut(kept, { name, by, reason, message });
}

function bareBytes(notes: Notes): number {
  return itemBytes(layOut(notes, NO_TEXTS));
}

export function decodeError(reader: ItemReader): AttemptError {
  const error = { name: reader.text("name"), message: reader.text("message"), ...decodeFacts(reader) };
  reader.close();
  return error;
}

/** Short names, since they are never cut; the log's beginning stands for its loss. */
function encodeFacts(error: AttemptError | undefined): Item {
  const { loss, inHand } = error ?? {};
  return {
    ...(loss === undefined
      ? {}
      : loss.kind === "deleted"
        ? { beginningOffset: { N: loss.beginningOffset.toString() } }
        : { loss: { S: loss.kind } }),
    ...(inHand === undefined
      ? {}
      : { from: { N: inHand.fromOffset.toString() }, until: { N: inHand.untilOffset.toString() } }),
  };
}

function decodeFacts(reader: ItemReader): Pick<AttemptError, "loss" | "inHand"> {
  return {
    ...(reader.has("beginningOffset")
      ? { loss: { kind: "deleted", beginningOffset: reader.bigint("beginningOffset") } }
      : reader.has("loss")
        ? { loss: { kind: decodeLoss(reader) } }
        : {}),
    ...(reader.has("from")
      ? { inHand: { fromOffset: reader.bigint("from"), untilOffset: reader.bigint("until") } }
      : {}),
  };
}

const OTHER_LOSSES = ["truncated", "topicGone", "hole"] as const satisfies readonly Loss["kind"][];

function decodeLoss(reader: ItemReader): (typeof OTHER_LOSSES)[number] {
  const text = reader.text("loss");
  const kind = OTHER_LOSSES.find((known) => known === text);
  if (kind === undefined) {
    throw reader.error(`loss ${text} is none of ${OTHER_LOSSES.join(", ")}`);
  }
  return kind;
}

export function encodeOperator({ by, reason, at }: OperatorAct): AttributeValue {
  return { M: { by: { S: by }, reason: { S: reason }, at: { N: at.toString() } } };
}

export function decodeOperator(reader: ItemReader): OperatorAct {
  const operator = { by: reader.text("by"), reason: reader.text("reason"), at: reader.integer("at") };
  reader.close();
  return operator;
}

type Texts = Readonly<Record<"name" | "by" | "reason" | "message", string>>;

function layOut({ error, operator }: Notes, { name, by, reason, message }: Texts): Item {
  return {
    ...(error === undefined
      ? {}
      : { error: { M: { name: { S: name }, message: { S: message }, ...encodeFacts(error) } } }),
    ...(operator === undefined ? {} : { operator: encodeOperator({ by, reason, at: operator.at }) }),
  };
}

/** Each text is cut to what the ones before it leave of `maxBytes`. */
function cutTexts(texts: readonly (string | undefined)[], maxBytes: number): readonly string[] {
  let left = maxBytes;
  return texts.map((text = "") => {
    const kept = cutToBytes(text, left);
    left -= Buffer.byteLength(kept);
    return kept;
  });
}

/** Cuts between characters; half a surrogate pair becomes U+FFFD, as it would on the wire. */
function cutToBytes(text: string, maxBytes: number): string {
  const whole = text.toWellFormed();
  let bytes = 0;
  let length = 0;
  for (const character of whole) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) {
      break;
    }
    length += character.length;
  }
  return whole.slice(0, length);
}
