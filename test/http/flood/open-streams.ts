import { get } from 'node:http';
import type { ClientRequest } from 'node:http';

/**
 * A process of its own, so that what it opens does not count among the server's: `node open-streams.ts <url> <address>
 * <count>` holds that many requests for /alerts open from that address, and prints how many were answered by each status.
 */
const [url = '', localAddress = '', count = '0'] = process.argv.slice(2);
const CONNECTING_AT_ONCE = 200;

const answers: Record<string, number> = {};
const held: ClientRequest[] = [];

function openOne(): Promise<void> {
  return new Promise((resolve) => {
    const settle = (answer: string): void => {
      answers[answer] = (answers[answer] ?? 0) + 1;
      resolve();
    };
    const request = get(
      `${url}/alerts`,
      { localAddress, agent: false, headers: { connection: 'keep-alive' } },
      (response) => {
        response.on('error', () => undefined).resume();
        settle(String(response.statusCode));
      },
    );
    request.once('error', () => settle('refused')).on('error', () => undefined);
    held.push(request);
  });
}

let left = Number(count);
await Promise.all(
  Array.from({ length: CONNECTING_AT_ONCE }, async () => {
    for (; left > 0;) {
      left -= 1;
      await openOne();
    }
  }),
);
process.stdout.write(`${JSON.stringify(answers)}\n`);
// Until the test ends this process: what it has opened stays open.
setInterval(() => held.length, 60_000);
