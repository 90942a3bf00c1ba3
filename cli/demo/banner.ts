import type { DemoServices, DemoService } from './demo-services.ts';

export interface BannerFacts {
  readonly api: string;
  readonly dataDir: string;
  readonly services: DemoServices;
}

/** Says where everything is, and plainly what is off and how to turn it on. */
export function bannerLines({ api, dataDir, services }: BannerFacts): string[] {
  const { redis, clickhouse } = services;
  return [
    'incident-streams: real outages, replayed through the incident pipeline',
    '',
    ...row('Incidents', `${api}/incidents`),
    ...row('Alerts', `curl -N ${api}/alerts`),
    ...row('Send', `curl ${api}/events -H 'content-type: application/json' -d '${exampleEvent()}'`),
    ...row('Access', 'everybody on this machine, without tokens'),
    ...serviceRows(redis, 'url' in redis ? [`redis-cli -u ${redis.url} SUBSCRIBE alerts`] : []),
    ...serviceRows(
      clickhouse,
      'url' in clickhouse
        ? [
            `curl '${clickhouse.url}/?query=SELECT+*+FROM+${clickhouse.database ?? 'history'}.incidents+LIMIT+5+FORMAT+Vertical'`,
          ]
        : [],
    ),
    ...row('Data', dataDir),
    '',
  ];
}

/** Opens an incident at once, under the rules that ship. */
function exampleEvent(): string {
  const time = new Date().toISOString();
  return JSON.stringify({
    id: '1',
    source: 'me',
    time,
    service: 'shop',
    component: 'checkout',
    severity: 'CRITICAL',
    summary: 'payments fail',
  });
}

function serviceRows(service: DemoService, hints: readonly string[]): string[] {
  if ('off' in service) return row(service.name, `off: ${service.off}`);
  return [
    ...row(service.name, withoutPassword(service.url)),
    ...hints.flatMap((hint) => row('', withoutPassword(hint))),
  ];
}

function row(name: string, text: string): string[] {
  return [`  ${name.padEnd(11)} ${text}`];
}

/** A URL from the environment may hold a secret; a terminal is no place for it. */
function withoutPassword(text: string): string {
  return text.replace(/(\w+:\/\/[^:@/\s]*):[^@/\s]*@/g, '$1:***@');
}
