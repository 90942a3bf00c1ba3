import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { WebhookAddressError, WebhookTargetError } from './errors.ts';

/** Whether requests may go to an IP address. */
export type AddressRule = (address: string) => boolean;

/** All addresses of a host name. */
export type ResolveHost = (hostname: string) => Promise<readonly { readonly address: string }[]>;

/** Everything that IANA's registry of special-purpose addresses does not call globally reachable (RFC 6890). */
const REFUSED_IPV4 = blockList(
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by a provider's customers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local: the metadata services of clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
);

/**
 * Of IPv6 only what is given out to the public is allowed. Outside of it lie loopback, link-local, private and multicast
 * addresses, and the forms that stand for an IPv4 address: mapped, compatible, NAT64.
 */
const PUBLIC_IPV6 = blockList(['2000::', 3]);
const REFUSED_IPV6 = blockList(
  ['2001::', 23], // protocol assignments, Teredo
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3fff::', 20], // documentation
);

/**
 * The addresses that may be asked: those of the public internet, and of the networks that are named.
 * @throws {WebhookTargetError} for a network that is no CIDR such as `10.1.0.0/16`
 */
export function addressRule(allowedNetworks: readonly string[]): AddressRule {
  const allowed = blockList(...allowedNetworks.map(networkOf));
  return (address) => {
    const version = isIP(address);
    // The zone of an IPv6 address chooses an interface of this machine.
    if (version === 0 || address.includes('%')) return false;
    if (allowed.check(address, version === 4 ? 'ipv4' : 'ipv6')) return true;
    if (version === 4) return !REFUSED_IPV4.check(address, 'ipv4');
    return PUBLIC_IPV6.check(address, 'ipv6') && !REFUSED_IPV6.check(address, 'ipv6');
  };
}

/**
 * Resolves names for sockets: a connection is made to an address that was checked here, and to no other. A name that has
 * one forbidden address is refused altogether, for otherwise chance would decide.
 */
export function guardedLookup(mayAsk: AddressRule, resolve: ResolveHost = resolveAll): LookupFunction {
  return (hostname, options, callback) => {
    checkedAddresses(hostname, mayAsk, resolve).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all === true) callback(null, addresses);
        else callback(null, first?.address ?? '', first?.family);
      },
      (error: unknown) => callback(error as Error, []),
    );
  };
}

async function checkedAddresses(hostname: string, mayAsk: AddressRule, resolve: ResolveHost) {
  const found = await resolve(hostname);
  if (found.length === 0) throw new WebhookAddressError(`${hostname} has no address`);
  const forbidden = found.find(({ address }) => !mayAsk(address));
  if (forbidden !== undefined)
    throw new WebhookAddressError(`${hostname} resolves to ${forbidden.address}, which is not allowed`);
  return found.map(({ address }) => ({ address, family: isIP(address) }));
}

function resolveAll(hostname: string): ReturnType<ResolveHost> {
  return lookup(hostname, { all: true });
}

function networkOf(text: string): readonly [string, number] {
  const [, address = '', bits = ''] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  if (version === 0 || Number(bits) > (version === 4 ? 32 : 128))
    throw new WebhookTargetError(
      `allowedNetworks: ${JSON.stringify(text)} is no network such as 10.1.0.0/16 or fd00::/8`,
    );
  return [address, Number(bits)];
}

function blockList(...networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [address, bits] of networks)
    list.addSubnet(address, bits, isIP(address) === 4 ? 'ipv4' : 'ipv6');
  return list;
}
