import { EmbeddedRuntime } from '@incident-streams/streams/embedded';
import { EmbeddedRegistry } from '../../schemas/embedded-registry.ts';
import { createSerdes } from '../../schemas/serdes.ts';
import { benchTopology } from './topology.ts';
import { loadChunks } from '../load.ts';

/** A process of its own: puts the load into the log of the directory it is given, so that the bench's memory is the runtime's alone. */
const [directory = ''] = process.argv.slice(2);
const serde = createSerdes(new EmbeddedRegistry()).incidentEvent;
const runtime = EmbeddedRuntime.open({ topology: benchTopology(serde), directory });
for (const chunk of loadChunks('events', serde)) runtime.produce(chunk);
await runtime.close();
