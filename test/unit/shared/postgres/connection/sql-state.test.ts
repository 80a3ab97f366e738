import { expect, test } from "vitest";
import { remedyOf } from "../../../../../shared/postgres/connection/sql-state.ts";

test.each([
  ["40001", "again"],
  ["40P01", "again"],
  ["40003", "later"],
  ["08006", "reconnect"],
  ["08P01", "data"],
  ["57P01", "reconnect"],
  ["57P03", "later"],
  ["57014", "less"],
  ["25P04", "less"],
  ["25006", "reconnect"],
  ["53300", "later"],
  ["55P03", "later"],
  ["22P02", "data"],
  ["21000", "data"],
  ["23505", "data"],
  ["P0001", "data"],
  ["42601", "data"],
  ["42P01", "schema"],
  ["42501", "schema"],
  ["28P01", "settings"],
  ["3D000", "settings"],
  ["XX000", "later"],
  ["", "later"],
])("SQLSTATE %s is mended by: %s", (state, remedy) => {
  expect(remedyOf(state)).toBe(remedy);
});
