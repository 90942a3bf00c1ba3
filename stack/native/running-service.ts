/** A service that answers at `url`, until it is stopped. Kafka has no scheme: its url is `host:port[,host:port…]`. */
export interface RunningService {
  readonly url: string;
  stop(): Promise<void>;
}
