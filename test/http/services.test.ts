import { expect, test } from 'vitest';
import { runServer } from './running-server.ts';
import { incident, T0 } from './samples.ts';

test('GET /services tells for each service how many incidents are open, how bad, and when one changed', async () => {
  const server = await runServer();
  server.pipeline.put(
    incident({ incidentId: 'a', service: 'mail', severity: 'MINOR', updatedAt: T0 + 5 }),
    incident({ incidentId: 'b', service: 'shop', severity: 'MAJOR', updatedAt: T0 + 3 }),
    incident({ incidentId: 'c', service: 'shop', severity: 'CRITICAL', status: 'ACKNOWLEDGED' }),
    incident({ incidentId: 'd', service: 'shop', severity: 'CRITICAL', status: 'RESOLVED' }),
    incident({ incidentId: 'e', service: 'quiet', status: 'PENDING' }),
  );
  const { text } = await server.get('/services');
  expect(JSON.parse(text)).toEqual({
    services: [
      {
        service: 'shop',
        open: 2,
        bySeverity: { CRITICAL: 1, MAJOR: 1, MINOR: 0, INFO: 0 },
        worstSeverity: 'CRITICAL',
        changedAt: T0 + 3,
      },
      {
        service: 'mail',
        open: 1,
        bySeverity: { CRITICAL: 0, MAJOR: 0, MINOR: 1, INFO: 0 },
        worstSeverity: 'MINOR',
        changedAt: T0 + 5,
      },
    ],
    notLookedThrough: 0,
  });
});
