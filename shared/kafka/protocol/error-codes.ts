// Error codes
//
// What we do about each error code of Kafka's protocol, decided once. Names and
// codes are those of org.apache.kafka.common.protocol.Errors.
//
//   retry         the same broker may answer later
//   refresh       look the leader up again, then go on at the same offset
//   unknownTopic  look the topic up again: it is new to this broker, gone or re-created
//   outOfRange    ask where the log begins and ends; never reset
//   corrupt       the broker cannot read its own log
//   refused       somebody has to change the configuration or the permissions
//   unexpected    no answer to what we ask; no retry helps

export type Reaction =
  | "none"
  | "retry"
  | "refresh"
  | "unknownTopic"
  | "outOfRange"
  | "corrupt"
  | "refused"
  | "unexpected";

export interface BrokerError {
  readonly code: number;
  readonly name: string;
  readonly reaction: Reaction;
}

/** A code that this table does not know is unexpected as well. */
export function brokerError(code: number): BrokerError {
  const [name, reaction] = ERROR_CODES[code] ?? [`ERROR_${code}`, "unexpected"];
  return { code, name, reaction };
}

export const ERROR_CODES: Readonly<Record<number, readonly [name: string, reaction: Reaction]>> = {
  "-1": ["UNKNOWN_SERVER_ERROR", "retry"],
  0: ["NONE", "none"],
  1: ["OFFSET_OUT_OF_RANGE", "outOfRange"],
  2: ["CORRUPT_MESSAGE", "corrupt"],
  3: ["UNKNOWN_TOPIC_OR_PARTITION", "unknownTopic"],
  4: ["INVALID_FETCH_SIZE", "refused"],
  5: ["LEADER_NOT_AVAILABLE", "refresh"],
  6: ["NOT_LEADER_OR_FOLLOWER", "refresh"],
  7: ["REQUEST_TIMED_OUT", "retry"],
  8: ["BROKER_NOT_AVAILABLE", "refresh"],
  9: ["REPLICA_NOT_AVAILABLE", "refresh"],
  10: ["MESSAGE_TOO_LARGE", "unexpected"],
  11: ["STALE_CONTROLLER_EPOCH", "unexpected"],
  12: ["OFFSET_METADATA_TOO_LARGE", "unexpected"],
  13: ["NETWORK_EXCEPTION", "refresh"],
  14: ["COORDINATOR_LOAD_IN_PROGRESS", "unexpected"],
  15: ["COORDINATOR_NOT_AVAILABLE", "unexpected"],
  16: ["NOT_COORDINATOR", "unexpected"],
  17: ["INVALID_TOPIC_EXCEPTION", "refused"],
  18: ["RECORD_LIST_TOO_LARGE", "unexpected"],
  19: ["NOT_ENOUGH_REPLICAS", "unexpected"],
  20: ["NOT_ENOUGH_REPLICAS_AFTER_APPEND", "unexpected"],
  21: ["INVALID_REQUIRED_ACKS", "unexpected"],
  22: ["ILLEGAL_GENERATION", "unexpected"],
  23: ["INCONSISTENT_GROUP_PROTOCOL", "unexpected"],
  24: ["INVALID_GROUP_ID", "unexpected"],
  25: ["UNKNOWN_MEMBER_ID", "unexpected"],
  26: ["INVALID_SESSION_TIMEOUT", "unexpected"],
  27: ["REBALANCE_IN_PROGRESS", "unexpected"],
  28: ["INVALID_COMMIT_OFFSET_SIZE", "unexpected"],
  29: ["TOPIC_AUTHORIZATION_FAILED", "refused"],
  30: ["GROUP_AUTHORIZATION_FAILED", "refused"],
  31: ["CLUSTER_AUTHORIZATION_FAILED", "refused"],
  32: ["INVALID_TIMESTAMP", "unexpected"],
  33: ["UNSUPPORTED_SASL_MECHANISM", "refused"],
  34: ["ILLEGAL_SASL_STATE", "refused"],
  35: ["UNSUPPORTED_VERSION", "refused"],
  36: ["TOPIC_ALREADY_EXISTS", "unexpected"],
  37: ["INVALID_PARTITIONS", "unexpected"],
  38: ["INVALID_REPLICATION_FACTOR", "unexpected"],
  39: ["INVALID_REPLICA_ASSIGNMENT", "unexpected"],
  40: ["INVALID_CONFIG", "unexpected"],
  41: ["NOT_CONTROLLER", "unexpected"],
  42: ["INVALID_REQUEST", "unexpected"],
  43: ["UNSUPPORTED_FOR_MESSAGE_FORMAT", "refused"],
  44: ["POLICY_VIOLATION", "refused"],
  45: ["OUT_OF_ORDER_SEQUENCE_NUMBER", "unexpected"],
  46: ["DUPLICATE_SEQUENCE_NUMBER", "unexpected"],
  47: ["INVALID_PRODUCER_EPOCH", "unexpected"],
  48: ["INVALID_TXN_STATE", "unexpected"],
  49: ["INVALID_PRODUCER_ID_MAPPING", "unexpected"],
  50: ["INVALID_TRANSACTION_TIMEOUT", "unexpected"],
  51: ["CONCURRENT_TRANSACTIONS", "unexpected"],
  52: ["TRANSACTION_COORDINATOR_FENCED", "unexpected"],
  53: ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "refused"],
  54: ["SECURITY_DISABLED", "refused"],
  55: ["OPERATION_NOT_ATTEMPTED", "unexpected"],
  56: ["KAFKA_STORAGE_ERROR", "refresh"],
  57: ["LOG_DIR_NOT_FOUND", "unexpected"],
  58: ["SASL_AUTHENTICATION_FAILED", "refused"],
  59: ["UNKNOWN_PRODUCER_ID", "unexpected"],
  60: ["REASSIGNMENT_IN_PROGRESS", "refresh"],
  61: ["DELEGATION_TOKEN_AUTH_DISABLED", "refused"],
  62: ["DELEGATION_TOKEN_NOT_FOUND", "refused"],
  63: ["DELEGATION_TOKEN_OWNER_MISMATCH", "refused"],
  64: ["DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", "refused"],
  65: ["DELEGATION_TOKEN_AUTHORIZATION_FAILED", "refused"],
  66: ["DELEGATION_TOKEN_EXPIRED", "refused"],
  67: ["INVALID_PRINCIPAL_TYPE", "refused"],
  68: ["NON_EMPTY_GROUP", "unexpected"],
  69: ["GROUP_ID_NOT_FOUND", "unexpected"],
  70: ["FETCH_SESSION_ID_NOT_FOUND", "retry"],
  71: ["INVALID_FETCH_SESSION_EPOCH", "retry"],
  72: ["LISTENER_NOT_FOUND", "refresh"],
  73: ["TOPIC_DELETION_DISABLED", "unexpected"],
  74: ["FENCED_LEADER_EPOCH", "refresh"],
  75: ["UNKNOWN_LEADER_EPOCH", "refresh"],
  76: ["UNSUPPORTED_COMPRESSION_TYPE", "refused"],
  77: ["STALE_BROKER_EPOCH", "refresh"],
  78: ["OFFSET_NOT_AVAILABLE", "retry"],
  79: ["MEMBER_ID_REQUIRED", "unexpected"],
  80: ["PREFERRED_LEADER_NOT_AVAILABLE", "refresh"],
  81: ["GROUP_MAX_SIZE_REACHED", "unexpected"],
  82: ["FENCED_INSTANCE_ID", "unexpected"],
  83: ["ELIGIBLE_LEADERS_NOT_AVAILABLE", "refresh"],
  84: ["ELECTION_NOT_NEEDED", "unexpected"],
  85: ["NO_REASSIGNMENT_IN_PROGRESS", "unexpected"],
  86: ["GROUP_SUBSCRIBED_TO_TOPIC", "unexpected"],
  87: ["INVALID_RECORD", "unexpected"],
  88: ["UNSTABLE_OFFSET_COMMIT", "unexpected"],
  89: ["THROTTLING_QUOTA_EXCEEDED", "retry"],
  90: ["PRODUCER_FENCED", "unexpected"],
  91: ["RESOURCE_NOT_FOUND", "unexpected"],
  92: ["DUPLICATE_RESOURCE", "unexpected"],
  93: ["UNACCEPTABLE_CREDENTIAL", "refused"],
  94: ["INCONSISTENT_VOTER_SET", "unexpected"],
  95: ["INVALID_UPDATE_VERSION", "unexpected"],
  96: ["FEATURE_UPDATE_FAILED", "unexpected"],
  97: ["PRINCIPAL_DESERIALIZATION_FAILURE", "refused"],
  98: ["SNAPSHOT_NOT_FOUND", "unexpected"],
  99: ["POSITION_OUT_OF_RANGE", "unexpected"],
  100: ["UNKNOWN_TOPIC_ID", "unknownTopic"],
  101: ["DUPLICATE_BROKER_REGISTRATION", "unexpected"],
  102: ["BROKER_ID_NOT_REGISTERED", "unexpected"],
  103: ["INCONSISTENT_TOPIC_ID", "unknownTopic"],
  104: ["INCONSISTENT_CLUSTER_ID", "unexpected"],
  105: ["TRANSACTIONAL_ID_NOT_FOUND", "unexpected"],
  106: ["FETCH_SESSION_TOPIC_ID_ERROR", "retry"],
  107: ["INELIGIBLE_REPLICA", "refresh"],
  108: ["NEW_LEADER_ELECTED", "refresh"],
  109: ["OFFSET_MOVED_TO_TIERED_STORAGE", "outOfRange"],
  110: ["FENCED_MEMBER_EPOCH", "unexpected"],
  111: ["UNRELEASED_INSTANCE_ID", "unexpected"],
  112: ["UNSUPPORTED_ASSIGNOR", "unexpected"],
  113: ["STALE_MEMBER_EPOCH", "unexpected"],
  114: ["MISMATCHED_ENDPOINT_TYPE", "unexpected"],
  115: ["UNSUPPORTED_ENDPOINT_TYPE", "unexpected"],
  116: ["UNKNOWN_CONTROLLER_ID", "unexpected"],
  117: ["UNKNOWN_SUBSCRIPTION_ID", "unexpected"],
  118: ["TELEMETRY_TOO_LARGE", "unexpected"],
  119: ["INVALID_REGISTRATION", "unexpected"],
  120: ["TRANSACTION_ABORTABLE", "unexpected"],
  121: ["INVALID_RECORD_STATE", "unexpected"],
  122: ["SHARE_SESSION_NOT_FOUND", "unexpected"],
  123: ["INVALID_SHARE_SESSION_EPOCH", "unexpected"],
  124: ["FENCED_STATE_EPOCH", "unexpected"],
  125: ["INVALID_VOTER_KEY", "unexpected"],
  126: ["DUPLICATE_VOTER", "unexpected"],
  127: ["VOTER_NOT_FOUND", "unexpected"],
  128: ["INVALID_REGULAR_EXPRESSION", "unexpected"],
  129: ["REBOOTSTRAP_REQUIRED", "refresh"],
  130: ["STREAMS_INVALID_TOPOLOGY", "unexpected"],
  131: ["STREAMS_INVALID_TOPOLOGY_EPOCH", "unexpected"],
  132: ["STREAMS_TOPOLOGY_FENCED", "unexpected"],
  133: ["SHARE_SESSION_LIMIT_REACHED", "unexpected"],
};
