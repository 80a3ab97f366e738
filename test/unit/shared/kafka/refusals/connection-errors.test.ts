import { expect, test } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { AnsweredError, translateRenewalError } from "../../../../../shared/kafka/refusals/connection-errors.ts";

const ILLEGAL_SASL_STATE = 34;

test("a renewal that comes too soon for the broker, which then takes no handshake, is no fault of the settings", () => {
  const error = translateRenewalError(new AnsweredError(ILLEGAL_SASL_STATE));

  expect(error).toBeInstanceOf(RangeReadError);
  expect(error).toMatchObject({ message: "the broker did not renew the session: ILLEGAL_SASL_STATE (34)" });
});

test("a failure of something else in a renewal stays what it is", () => {
  const error = new Error("no token");

  expect(translateRenewalError(error)).toBe(error);
});
