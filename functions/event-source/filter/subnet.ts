import { BlockList, isIP } from "node:net";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

/** Whether a text is an address of the network, as `10.0.0.0/24` or `2001:db8::/32`. Throws ConfigurationError. */
export function compileSubnet(cidr: string, where: string): (text: string) => boolean {
  const [address = "", prefix = "", ...more] = cidr.split("/");
  const version = isIP(address);
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (version === 0 || more.length > 0 || !(bits <= (version === 4 ? 32 : 128))) {
    throw new ConfigurationError(`${where} is ${quote(cidr)}; expected an address and its bits, as "10.0.0.0/24"`);
  }
  const family = version === 4 ? "ipv4" : "ipv6";
  const network = new BlockList();
  network.addSubnet(address, bits, family);
  return (text) => isIP(text) === version && network.check(text, family);
}
