// Note codec
//
// What people read in a range's item: the last error, and an operator's act. Their
// texts share what the write unit has left, the most telling first.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { AttemptError, OperatorAct, RangeRecord } from "../core/range-record.ts";
import type { ItemReader } from "./item-reader.ts";
import { itemBytes } from "./item-size.ts";
import type { Item } from "./keys.ts";

type Notes = Pick<RangeRecord, "error" | "operator">;

const NO_TEXTS: Texts = { name: "", by: "", reason: "", message: "" };

/** The attributes for `notes`, in at most `maxBytes`: without the error, or either, where not even their names fit. */
export function encodeNotes(notes: Notes, maxBytes: number): Item {
  const { error: _least, ...operatorOnly } = notes;
  const kept: Notes = [notes, operatorOnly].find((one) => bareBytes(one) <= maxBytes) ?? {};
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
  const error = { name: reader.text("name"), message: reader.text("message") };
  reader.close();
  return error;
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
    ...(error === undefined ? {} : { error: { M: { name: { S: name }, message: { S: message } } } }),
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
