import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { Kafka, logLevel } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { onTestFinished } from 'vitest';
import type { IncidentEvent } from '../../../schemas/generated/IncidentEvent.ts';
import { uniqueName } from '../../services/describe-with.ts';

export interface ServiceUrls {
  readonly kafka: string;
  readonly schemaRegistry: string;
  readonly redis: string;
}

export interface Isolated {
  /** Of the names of its topics, and of its keys in Redis. */
  readonly prefix: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A pipeline of this test alone, on services that it shares with others. */
export function isolated(urls: ServiceUrls): Isolated {
  const prefix = `${uniqueName('run')}.`;
  const environment = {
    INCIDENTS_TOPICS_PREFIX: prefix,
    INCIDENTS_APPLICATION_ID: `${prefix}app`,
    INCIDENTS_REDIS_PREFIX: prefix,
    INCIDENTS_KAFKA_BROKERS: urls.kafka,
    INCIDENTS_REGISTRY_URL: urls.schemaRegistry,
    INCIDENTS_REDIS_URL: urls.redis,
  };
  return { prefix, environment };
}

/** An upstream system: KafkaJS and its registry client, to any partition of `incident.events`. */
export class Upstream {
  readonly #producer: Producer;
  readonly #registry: SchemaRegistry;
  readonly #topic: string;
  #schemaId: number | undefined;
  #sent = 0;

  private constructor(producer: Producer, registry: SchemaRegistry, topic: string) {
    this.#producer = producer;
    this.#registry = registry;
    this.#topic = topic;
  }

  static async connect(urls: ServiceUrls, prefix: string): Promise<Upstream> {
    const kafka = new Kafka({ brokers: urls.kafka.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    onTestFinished(() => producer.disconnect());
    return new Upstream(
      producer,
      new SchemaRegistry({ host: urls.schemaRegistry }),
      `${prefix}incident.events`,
    );
  }

  /** Sends problems of `shop/<component>`, spread over the partitions; the pipeline must have started once. */
  async send(events: readonly (Partial<IncidentEvent> & { readonly id: string })[]): Promise<void> {
    this.#schemaId ??= await this.#registry.getLatestSchemaId(`${this.#topic}-value`);
    const messages = [];
    for (const event of events) {
      const value = await this.#registry.encode(this.#schemaId, problem(event));
      messages.push({ key: event.id, value, partition: this.#sent++ % 3 });
    }
    await this.#producer.send({ topic: this.#topic, messages });
  }

  /** Sends bytes that are no event. */
  async sendBytes(value: Buffer): Promise<void> {
    await this.#producer.send({ topic: this.#topic, messages: [{ value }] });
  }
}

export function problem(event: Partial<IncidentEvent> & { readonly id: string }): IncidentEvent {
  return {
    source: 'test',
    type: 'check.failed',
    time: Date.now(),
    service: 'shop',
    component: 'checkout',
    fingerprint: null,
    kind: 'PROBLEM',
    severity: 'MAJOR',
    summary: 'it is down',
    value: null,
    attributes: {},
    ...event,
  };
}
