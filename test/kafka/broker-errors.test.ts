import { AuthenticationError, NetworkError, ProtocolError, UserError } from '@platformatic/kafka';
import { KafkaFencedError, KafkaRefusedError } from '@incident-streams/streams/kafka';
import { expect, test } from 'vitest';
import { asRefusal, isRetriable, protocolErrorOf, reasonOf } from '../../connectors/kafka/broker-errors.ts';

const closed = new NetworkError('Connection closed');
const wrongPassword = new ProtocolError('SASL_AUTHENTICATION_FAILED', 'wrong password');
const failedToConnect = (cause: Error): Error => new NetworkError('Connection to b:9092 failed.', { cause });

test.each([
  ['a lost connection', closed, true],
  ['a moved leader', new ProtocolError('NOT_LEADER_OR_FOLLOWER'), true],
  ['a missing right', new ProtocolError('TOPIC_AUTHORIZATION_FAILED'), false],
  ['a wrong password', failedToConnect(new AuthenticationError('failed', { cause: wrongPassword })), false],
  [
    'a broker that left while it was told the password',
    failedToConnect(new AuthenticationError('no', { cause: closed })),
    true,
  ],
  [
    'a broker that left in mid-handshake',
    failedToConnect(new UserError('TLS failed', { cause: coded('ECONNRESET') })),
    true,
  ],
  ['an unknown authority', failedToConnect(coded('SELF_SIGNED_CERT_IN_CHAIN')), false],
  ['a mistake of this program', new TypeError('undefined is not a function'), false],
])('%s: whether it may pass', (_what, error, expected) => {
  expect(isRetriable(error)).toBe(expected);
});

test('the name that Kafka gives an error is found behind any other', () => {
  const error = new AggregateError([closed, new Error('outer', { cause: wrongPassword })]);
  expect(protocolErrorOf(error)).toBe('SASL_AUTHENTICATION_FAILED');
  expect(reasonOf(error)).toBe('SASL_AUTHENTICATION_FAILED: wrong password');
  expect(protocolErrorOf(closed)).toBeUndefined();
  expect(reasonOf(failedToConnect(coded('ECONNREFUSED')))).toBe('Connection to b:9092 failed: ECONNREFUSED');
});

test('what a broker refuses is a refusal, what this library says of its own accord stays as it is', () => {
  expect(asRefusal('creating topic x', wrongPassword)).toEqual(
    new KafkaRefusedError('creating topic x: SASL_AUTHENTICATION_FAILED: wrong password'),
  );
  const fenced = new KafkaFencedError('gone');
  expect(asRefusal('creating topic x', fenced)).toBe(fenced);
  const mistake = new TypeError('undefined is not a function');
  expect(asRefusal('creating topic x', mistake)).toBe(mistake);
});

function coded(code: string): Error {
  return Object.assign(new Error(code), { code });
}
