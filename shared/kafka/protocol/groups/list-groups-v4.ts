// ListGroups v4
//
// Request  => [states_filter] TAGS                                 (none: groups in whatever state)
// Response => throttle_time_ms error_code [groups] TAGS
//   groups     => group_id protocol_type group_state TAGS
//
// Of the groups that this broker coordinates, and that may be described; of every protocol.

import type { ApiCall } from "../api-call.ts";
import { WireReader } from "../wire-reader.ts";
import { WireWriter } from "../wire-writer.ts";

export interface ListedGroup {
  readonly groupId: string;
  /** As `kafka-consumer-groups.sh --state` shows it. */
  readonly state: string;
}

export interface ListGroupsResponse {
  readonly throttleTimeMs: number;
  readonly errorCode: number;
  readonly groups: readonly ListedGroup[];
}

export const listGroupsV4: ApiCall<Record<never, never>, ListGroupsResponse> = {
  name: "ListGroups",
  apiKey: 16,
  apiVersion: 4,

  encode: () =>
    new WireWriter()
      .array([], () => {})
      .tags()
      .finish(),

  decode(body) {
    const reader = new WireReader(body);
    const [throttleTimeMs, errorCode] = [reader.int32(), reader.int16()];
    const groups = reader.array(() => {
      const groupId = reader.string();
      reader.string(); // Protocol type.
      const state = reader.string();
      reader.skipTags();
      return { groupId, state };
    });
    reader.skipTags();
    return { throttleTimeMs, errorCode, groups };
  },
};
