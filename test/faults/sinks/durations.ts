/** Each fault lasts so long in the test suite; `npm run faults` sets the variables to what an outage takes. */
const AWAY = {
  killed: { variable: 'FAULTS_REDIS_KILLED_MS', usualMs: 10_000 },
  away: { variable: 'FAULTS_SINK_AWAY_MS', usualMs: 20_000 },
} as const;

export function awayMs(fault: keyof typeof AWAY): number {
  const { variable, usualMs } = AWAY[fault];
  return Number(process.env[variable] ?? usualMs);
}
