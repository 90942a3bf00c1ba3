import { expect, test } from 'vitest';
import { addressRule } from '../../connectors/webhook/address-guard.ts';
import { WebhookTargetError, createWebhookSink } from '../../connectors/webhook/index.ts';
import { SECRET } from './sink-under-test.ts';

const nothingElse = addressRule([]);

test.each([
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ['shared', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.1', '127.255.255.255', '::1'],
  ['unspecified', '::', '0:0:0:0:0:0:0:0'],
  ['link-local', '169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1', 'febf::1', 'fe80::1%eth0'],
  ['protocols', '192.0.0.1', '2001::1', '2001:1ff::1'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1', '3fff:fff::1'],
  ['6to4', '192.88.99.1', '2002:7f00:1::', '2002:808:808::1'],
  ['benchmarks', '198.18.0.1', '198.19.255.255'],
  ['multicast', '224.0.0.1', '239.255.255.255', 'ff02::1'],
  ['reserved', '240.0.0.1', '255.255.255.255'],
  ['mapped', '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:10.0.0.1', '::ffff:8.8.8.8'],
  ['compatible', '::127.0.0.1', '::7f00:1', '::8.8.8.8'],
  ['NAT64', '64:ff9b::127.0.0.1', '64:ff9b::8.8.8.8', '64:ff9b:1::a00:1'],
  ['private IPv6', 'fc00::1', 'fd12::1', 'fec0::1'],
  ['discard only', '100::1'],
  ['Teredo', '2001:0:7f00:1::'],
  ['a zone', '2606:4700::1111%lo', 'fe80::1%1'],
  ['what is no address', '', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '8.8.8.8 '],
])('%s addresses are refused', (_kind, ...addresses) => {
  for (const address of addresses) expect([address, nothingElse(address)]).toEqual([address, false]);
});

test('public addresses are allowed, up to the very edge of those that are not', () => {
  const allowed = [
    '1.1.1.1',
    '9.255.255.255',
    '11.0.0.0',
    '100.63.255.255',
    '100.128.0.0',
    '126.255.255.255',
  ];
  allowed.push(
    '128.0.0.0',
    '169.253.255.255',
    '169.255.0.0',
    '172.15.255.255',
    '172.32.0.0',
    '192.167.255.255',
  );
  allowed.push(
    '192.169.0.0',
    '223.255.255.255',
    '2606:4700::1111',
    '2001:200::1',
    '2003::1',
    '2a00::1',
    '3ffe::1',
  );
  for (const address of allowed) expect([address, nothingElse(address)]).toEqual([address, true]);
});

test('a network that is named is allowed, and nothing beside it', () => {
  const mayAsk = addressRule(['10.1.0.0/16', 'fd12::/32', '127.0.0.1/32']);
  for (const address of ['10.1.2.3', 'fd12::1', '127.0.0.1']) expect(mayAsk(address)).toBe(true);
  for (const address of ['10.2.0.1', 'fd13::1', '127.0.0.2', '169.254.169.254'])
    expect(mayAsk(address)).toBe(false);
});

test.each([
  '10.0.0.0',
  '10.0.0.0/33',
  '10.0.0/8',
  'fd00::/129',
  'localhost/8',
  '10.0.0.0/',
  '/8',
  '10.0.0.0/8/8',
])('the network %j is refused', (network) => {
  expect(() => addressRule([network])).toThrow(WebhookTargetError);
});

function create(url: string, allowPlainHttp = true): unknown {
  return createWebhookSink({ name: 'pager', url, secrets: [SECRET], allowPlainHttp });
}

test.each([
  '127.0.0.1',
  '127.0.0.1.',
  '127.1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '0x7f.0.0.1',
  '0x7f000001',
  '0x7F.1',
  '１２７.0.0.1',
  '①②⑦.0.0.1',
  '127。0。0。1',
  '%31%32%37.0.0.1',
  '0',
  '0.0.0.0',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[0:0:0:0:0:ffff:127.0.0.1]',
  '[::127.0.0.1]',
  '[64:ff9b::127.0.0.1]',
  '[2002:7f00:1::]',
])('this machine is refused at the start, spelt as %s', (host) => {
  for (const url of [`http://${host}/x`, `https://${host}:8443/`, `https:\\\\${host}`, `\t https:${host}`])
    expect(() => create(url)).toThrow(/leads to .*, which is not allowed/);
});

test.each([
  ['a user', 'https://me@example.com/', 'user or password'],
  ['a password', 'https://:pass@example.com/', 'user or password'],
  ['a user that hides the host', 'https://example.com@127.0.0.1/', 'user or password'],
  ['a zone', 'https://[fe80::1%25eth0]/', 'no URL'],
  ['plain http', 'http://example.com/', 'must begin with https://'],
  ['a file', 'file:///etc/passwd', 'must begin with https://'],
  ['another scheme', 'ftp://example.com/', 'must begin with https://'],
  ['a socket', 'http+unix://%2Frun%2Fdocker.sock/', 'must begin with https://'],
  ['no host', 'https://', 'no URL'],
  ['no scheme', 'example.com/x', 'no URL'],
])('a URL with %s is refused at the start, and not repeated', (_what, url, reason) => {
  const attempt = (): unknown => create(url, false);
  expect(attempt).toThrow(WebhookTargetError);
  expect(attempt).toThrow(reason);
  expect(attempt).not.toThrow(url);
});

test.each([
  [[]],
  [['whsec_']],
  [['whsec_c2hvcnQ=']],
  [[SECRET.slice('whsec_'.length)]],
  [[SECRET, 'whsec_c2hvcnQ=']],
  [[SECRET, SECRET, SECRET]],
  [[`whsec_${Buffer.alloc(65).toString('base64')}`]],
  [[`${SECRET}!`]],
])('secrets that are too short, too long, too many or none are refused, and not repeated: %j', (secrets) => {
  const attempt = (): unknown => createWebhookSink({ name: 'pager', url: 'https://example.com', secrets });
  expect(attempt).toThrow('webhook pager: secret must be one or two of whsec_');
  for (const secret of secrets.filter((text) => text.length > 'whsec_'.length))
    expect(attempt).not.toThrow(secret);
});
