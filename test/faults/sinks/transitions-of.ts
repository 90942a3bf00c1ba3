import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import type { IncidentTransition } from '../../../schemas/generated/IncidentTransition.ts';
import { BrokerView } from '../broker-view.ts';
import { committedRecords } from '../committed-records.ts';

export interface ReadTransition {
  readonly partition: number;
  readonly offset: number;
  readonly transition: IncidentTransition;
}

/** All that the transitions topic holds, each partition in order, read by code that the pipeline does not use. */
export async function transitionsOf(
  urls: { readonly kafka: string; readonly schemaRegistry: string },
  prefix: string,
): Promise<ReadTransition[]> {
  const view = new BrokerView(urls.kafka.split(','));
  const registry = new SchemaRegistry({ host: urls.schemaRegistry });
  try {
    const records = await committedRecords(view, `${prefix}incident.transitions`);
    return await Promise.all(
      records.map(async ({ partition, offset, value }) => {
        if (value === null) throw new Error(`incident.transitions[${partition}]@${offset} holds nothing`);
        return { partition, offset, transition: (await registry.decode(value)) as IncidentTransition };
      }),
    );
  } finally {
    await view.close();
  }
}
