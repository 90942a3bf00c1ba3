/** A service that answers at `url`, until it is stopped. Kafka has no scheme: its url is `host:port[,host:port…]`. */
export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}

/** A service that is one process of this machine. */
export interface RunningProgram extends RunningService {
  readonly processId: number;
  hasEnded(): boolean;
  /** Resolves when the process is gone, whatever ended it, with what its operating system says of that. */
  readonly ended: Promise<string>;
  /** SIGKILL: it has no time to write anything. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Without any: a free port, and whatever makes a short life quick. */
export interface NativeServiceOptions {
  /** On 127.0.0.1. Default: a free one. */
  readonly port?: number;
  /** Whether the data are to be there again after a restart in the same folder. Default: false. */
  readonly keepsData?: boolean;
}
