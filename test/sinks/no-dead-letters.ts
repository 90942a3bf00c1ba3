import type { SinkSource } from '@incident-streams/streams';

/** For connectors that give up nothing. */
export const noDeadLetters: SinkSource['deadLetter'] = ({ partition, offset }, error) =>
  Promise.reject(new Error(`nothing was to be given up, but [${partition}]@${offset} was`, { cause: error }));
