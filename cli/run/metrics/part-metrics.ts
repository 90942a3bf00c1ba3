import { Gauge } from 'prom-client';
import type { Registry } from 'prom-client';
import type { Parts } from '../parts.ts';

/** What `/readyz` says, as a metric. */
export function observeParts(registry: Registry, parts: Parts): void {
  new Gauge({
    name: 'incidents_part_ready',
    help: '1 where a part is ready, or off on purpose.',
    labelNames: ['part'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { name, state } of parts.all())
        this.set({ part: name }, state === 'ready' || state === 'off' ? 1 : 0);
    },
  });
}
