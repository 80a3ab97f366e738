export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export function formatAddress({ host, port }: BrokerAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
