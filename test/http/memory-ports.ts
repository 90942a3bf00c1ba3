import {
  decodeAlertPosition,
  encodeAlertPosition,
  pageOfIncidents,
  servicesOf,
} from '../../connectors/http/index.ts';
import { AlertPositionError } from '../../connectors/http/index.ts';
import type {
  AlertFeed,
  HttpPorts,
  LoadedRule,
  PartitionLedger,
  PartReadiness,
  PlacedAlert,
  RecordPlace,
} from '../../connectors/http/index.ts';
import { createAvroEventReader } from '../../schemas/avro-events.ts';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import type { Alert } from '../../schemas/alert.ts';
import type { IncidentEvent } from '../../schemas/generated/IncidentEvent.ts';
import type { IncidentState } from '../../schemas/generated/IncidentState.ts';
import type { IncidentTransition } from '../../schemas/generated/IncidentTransition.ts';
import type { OperatorCommand } from '../../schemas/generated/OperatorCommand.ts';

/** An alert feed over partitions held in arrays; `raise` is the pipeline's side. */
export class MemoryAlertFeed implements AlertFeed {
  readonly #partitions: Alert[][];
  readonly #listeners = new Set<(partition: number) => void>();

  constructor(partitions: number) {
    this.#partitions = Array.from({ length: partitions }, () => []);
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  raise(partition: number, alert: Alert): void {
    this.#partitions[partition]?.push(alert);
    for (const listener of [...this.#listeners]) listener(partition);
  }

  position(): string {
    return encodeAlertPosition(this.#partitions.map(({ length }) => length));
  }

  open(after: string, onAlert: (placed: PlacedAlert) => void): () => void {
    const next = decodeAlertPosition(after, this.#partitions.length);
    if (next.some((offset, at) => offset > (this.#partitions[at]?.length ?? 0))) {
      throw new AlertPositionError('The position lies behind the end of the feed.');
    }
    let open = true;
    const deliver = (partition: number): void => {
      const alerts = this.#partitions[partition] ?? [];
      for (let at = next[partition] ?? 0; open && at < alerts.length; at += 1) {
        next[partition] = at + 1;
        onAlert({ position: encodeAlertPosition(next), alert: alerts[at] as Alert });
      }
    };
    this.#partitions.forEach((_alerts, partition) => deliver(partition));
    this.#listeners.add(deliver);
    return () => {
      open = false;
      this.#listeners.delete(deliver);
    };
  }
}

/** Everything behind the HTTP API, in memory, open to the test's hands. */
export class MemoryPipeline {
  readonly states = new Map<string, IncidentState>();
  readonly transitions = new Map<string, IncidentTransition[]>();
  readonly rules = new Map<string, LoadedRule>();
  readonly events: IncidentEvent[] = [];
  readonly commands: OperatorCommand[] = [];
  readonly alerts = new MemoryAlertFeed(2);
  partitions: PartitionLedger[] = [];
  parts: PartReadiness[] = [];
  broken: Error | undefined;

  ports(): HttpPorts {
    return {
      incidents: {
        incident: (id) => this.#unlessBroken(() => this.states.get(id)),
        list: (query) => pageOfIncidents(this.states.values(), query),
        services: () => ({ services: servicesOf(this.states.values()) }),
        rule: (id) => this.rules.get(id),
        timeline: (id, { afterVersion, limit }) =>
          this.transitions
            .get(id)
            ?.filter(({ version }) => version > afterVersion)
            .slice(0, limit),
      },
      events: {
        append: async (event) => this.#append('incident.events', this.events, event),
        appendMany: async (events) =>
          Promise.all(events.map((event) => this.#append('incident.events', this.events, event))),
        readAvro: createAvroEventReader({ registry: new EmbeddedRegistry() }),
      },
      commands: { append: async (command) => this.#append('incident.inbox', this.commands, command) },
      alerts: this.alerts,
      ledger: { partitions: () => this.partitions },
      readiness: { parts: () => this.parts },
    };
  }

  put(...states: IncidentState[]): void {
    for (const state of states) this.states.set(state.incidentId, state);
  }

  async #append<T>(topic: string, log: T[], item: T): Promise<RecordPlace> {
    await Promise.resolve();
    return this.#unlessBroken(() => ({ topic, partition: 0, offset: log.push(item) - 1 }));
  }

  #unlessBroken<T>(work: () => T): T {
    if (this.broken !== undefined) throw this.broken;
    return work();
  }
}
