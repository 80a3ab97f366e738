/** What the settings are called where somebody gave them, so that a message names what stands in a file; Kafka's own names otherwise. */
export interface SettingNames {
  /** `security.protocol`. */
  readonly protocol?: string;
  /** `sasl.mechanism`. */
  readonly mechanism?: string;
  /** Where user and password stand, or what a token is asked for with. */
  readonly credentials?: string;
  /** Where the trusted certificates stand. */
  readonly truststore?: string;
  /** Where the client's key and certificate stand. */
  readonly keystore?: string;
  /** `ssl.endpoint.identification.algorithm`. */
  readonly hostCheck?: string;
}
